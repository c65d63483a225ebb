//! Colours and how well they can be told apart: the formulas of WCAG 2.2.

use std::{fmt, str::FromStr};

/// An sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Red, green, blue.
    channels: [u8; 3],
}

/// A text that is not `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a colour is written as # and six hexadecimal digits")]
pub struct NotAColour;

impl Colour {
    /// `#ffffff`.
    pub const WHITE: Self = Self::of(0xff_ff_ff);
    /// `#000000`.
    pub const BLACK: Self = Self::of(0);

    /// The colour whose digits are `0xrr_gg_bb`; what is above 24 bits is ignored.
    pub const fn of(digits: u32) -> Self {
        let [_, red, green, blue] = digits.to_be_bytes();
        Self {
            channels: [red, green, blue],
        }
    }

    /// This colour with `percent` (0 to 100) of `other` in it.
    #[must_use]
    pub fn mixed(self, other: Self, percent: u8) -> Self {
        let part = u16::from(percent.min(100));
        let mut channels = self.channels;
        for (channel, other) in channels.iter_mut().zip(other.channels) {
            let sum = u16::from(*channel) * (100 - part) + u16::from(other) * part;
            [_, *channel] = ((sum + 50) / 100).to_be_bytes();
        }
        Self { channels }
    }

    /// Relative luminance, 0 for black to 1 for white (WCAG 2.2, "relative luminance").
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.channels.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

/// The contrast ratio of two colours, 1 to 21, whichever comes first (WCAG 2.2, "contrast ratio").
pub fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

impl FromStr for Colour {
    type Err = NotAColour;

    fn from_str(text: &str) -> Result<Self, NotAColour> {
        let digits = text.strip_prefix('#').ok_or(NotAColour)?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotAColour);
        }
        u32::from_str_radix(digits, 16).map(Self::of).map_err(|_| NotAColour)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.channels;
        write!(out, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Colour, contrast};

    /// Ratios that the design's table of tokens states, computed there by another program.
    #[test]
    fn ratios_are_those_of_wcag() {
        for (one, other, ratio) in [
            ("#182030", "#f6f7f9", "15.21"),
            ("#3454c5", "#ffffff", "6.52"),
            ("#0c1430", "#8fa8ff", "7.95"),
            ("#7b8699", "#ffffff", "3.68"),
            ("#000000", "#ffffff", "21.00"),
            ("#123456", "#123456", "1.00"),
        ] {
            let (one, other) = (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(format!("{:.2}", contrast(one, other)), ratio);
            assert_eq!(format!("{:.2}", contrast(other, one)), ratio);
        }
    }

    #[test]
    fn only_six_digits_are_a_colour() {
        assert_eq!("#A1b2C3".parse::<Colour>().unwrap().to_string(), "#a1b2c3");
        for text in ["", "#", "#fff", "a1b2c3", "#a1b2c", "#a1b2c3d4", "#+1b2c3", "#ééé"] {
            assert!(text.parse::<Colour>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_mixture_runs_from_one_end_to_the_other() {
        let (one, other) = (Colour::of(0x0a_14_1e), Colour::WHITE);
        assert_eq!(one.mixed(other, 0), one);
        assert_eq!(one.mixed(other, 100), other);
        assert_eq!(Colour::BLACK.mixed(other, 50).to_string(), "#808080");
    }
}
