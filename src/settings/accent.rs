//! The company's colour: from one colour the values of the accent tokens, light and dark, that people can still read.

use std::fmt::Write;

use super::colour::{Colour, contrast};

/// Text against what it stands on (WCAG 2.2, 1.4.3).
const TEXT: f64 = 4.5;
/// A control or a sign against what is around it (WCAG 2.2, 1.4.11).
const CONTROL: f64 = 3.0;
/// What the accent aims at on dark surfaces, where the least that is allowed looks dull.
const BRIGHT: f64 = 6.0;
/// How far a hovered button must be from the same button at rest to be seen as changed.
const NOTICEABLE: f64 = 1.15;

/// A company colour that keeps its contrast, with everything that is drawn in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// The colour as it was chosen.
    pub brand: Colour,
    /// What it becomes on light pages.
    pub light: AccentTokens,
    /// What it becomes on dark pages.
    pub dark: AccentTokens,
}

/// The values of `--accent`, `--accent-hover`, `--on-accent`, `--accent-text` and `--accent-soft`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccentTokens {
    /// Buttons and marks: 3 to 1 on the surface and on the page.
    pub accent: Colour,
    /// A button under the pointer.
    pub hover: Colour,
    /// Text on `accent` and on `hover`: 4.5 to 1.
    pub on_accent: Colour,
    /// Links: 4.5 to 1 on the surface, the page, what is sunken, and `soft`.
    pub text: Colour,
    /// What is behind a selected choice.
    pub soft: Colour,
}

/// Why a colour cannot be the accent.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LowContrast {
    /// It is too light.
    #[error("its contrast on white is {0:.2}:1 and must be at least 3:1. Choose a darker colour.")]
    OnWhite(f64),
    /// No shade of it keeps one of the ratios; the pair that falls short, and its ratio.
    #[error("no shade of it can be read as {pair}: the best contrast is {ratio:.2}:1. Choose another colour.")]
    NoShade {
        /// The two tokens.
        pair: &'static str,
        /// Their contrast.
        ratio: f64,
    },
}

/// The colours of the pages that the accent must be told from; they are those of the stylesheet.
struct Ground {
    page: Colour,
    surface: Colour,
    sunken: Colour,
    text: Colour,
    /// What makes a colour stand out more here.
    away: Colour,
    soft_percent: u8,
}

const LIGHT: Ground = Ground {
    page: Colour::of(0xf6_f7_f9),
    surface: Colour::WHITE,
    sunken: Colour::of(0xee_f1_f5),
    text: Colour::of(0x18_20_30),
    away: Colour::BLACK,
    soft_percent: 10,
};

const DARK: Ground = Ground {
    page: Colour::of(0x0e_12_19),
    surface: Colour::of(0x16_1b_25),
    sunken: Colour::of(0x1e_25_31),
    text: Colour::of(0xe8_ec_f4),
    away: Colour::WHITE,
    soft_percent: 22,
};

impl Accent {
    /// Works out the tokens for `brand`.
    ///
    /// # Errors
    ///
    /// When `brand` is under 3 to 1 on white, or when no shade of it keeps the ratios.
    pub fn new(brand: Colour) -> Result<Self, LowContrast> {
        let on_white = contrast(brand, Colour::WHITE);
        if on_white < CONTROL {
            return Err(LowContrast::OnWhite(on_white));
        }
        Ok(Self {
            brand,
            light: LIGHT.tokens(brand, CONTROL)?,
            dark: DARK.tokens(brand, BRIGHT)?,
        })
    }

    /// A stylesheet that sets the tokens, each a pair of `light-dark()` as in the main stylesheet. It stands outside any
    /// layer and so goes before the values there.
    pub fn css(&self) -> String {
        let mut css = String::from(":root {\n");
        for ((token, light), (_, dark)) in self.light.named().into_iter().zip(self.dark.named()) {
            writeln!(css, "  --{token}: light-dark({light}, {dark});").expect("writing to a string cannot fail");
        }
        css.push_str("}\n");
        css
    }
}

impl AccentTokens {
    fn named(&self) -> [(&'static str, Colour); 5] {
        [
            ("accent", self.accent),
            ("accent-hover", self.hover),
            ("on-accent", self.on_accent),
            ("accent-text", self.text),
            ("accent-soft", self.soft),
        ]
    }
}

impl Ground {
    /// Each token is the brand colour moved away from the ground by as little as its ratio needs.
    fn tokens(&self, brand: Colour, aim: f64) -> Result<AccentTokens, LowContrast> {
        let accent = first(shades(brand, self.away), |shade| self.least(shade, &[]) >= aim).unwrap_or(brand);
        let soft = self.surface.mixed(brand, self.soft_percent);
        let text = first(shades(brand, self.away), |shade| {
            self.least(shade, &[self.sunken, soft]) >= TEXT
        });
        let on_accent = text_on(accent);
        let steps = shades(accent, self.away)
            .chain(shades(accent, Colour::WHITE))
            .chain(shades(accent, Colour::BLACK));
        let hover = first(steps, |shade| {
            contrast(shade, accent) >= NOTICEABLE && contrast(shade, on_accent) >= TEXT
        });
        let tokens = AccentTokens {
            accent,
            hover: hover.unwrap_or(accent),
            on_accent,
            text: text.unwrap_or(self.text),
            soft,
        };
        match self
            .pairs(&tokens)
            .into_iter()
            .find(|(_, needed, ratio)| ratio < needed)
        {
            Some((pair, _, ratio)) => Err(LowContrast::NoShade { pair, ratio }),
            None => Ok(tokens),
        }
    }

    /// The lowest contrast of `colour` with the surface, the page and `others`.
    fn least(&self, colour: Colour, others: &[Colour]) -> f64 {
        let grounds = [self.surface, self.page];
        let ratios = grounds.iter().chain(others).map(|ground| contrast(colour, *ground));
        ratios.fold(f64::INFINITY, f64::min)
    }

    /// Every pair that is drawn: what it is, the ratio it needs, the ratio it has.
    fn pairs(&self, tokens: &AccentTokens) -> [(&'static str, f64, f64); 9] {
        let AccentTokens {
            accent,
            hover,
            on_accent,
            text,
            soft,
        } = *tokens;
        [
            ("a button on a card", CONTROL, contrast(accent, self.surface)),
            ("a button on the page", CONTROL, contrast(accent, self.page)),
            ("the text of a button", TEXT, contrast(on_accent, accent)),
            (
                "the text of a button under the pointer",
                TEXT,
                contrast(on_accent, hover),
            ),
            ("a link on a card", TEXT, contrast(text, self.surface)),
            ("a link on the page", TEXT, contrast(text, self.page)),
            ("a link on a sunken field", TEXT, contrast(text, self.sunken)),
            ("a link in a selected choice", TEXT, contrast(text, soft)),
            ("the text of a selected choice", TEXT, contrast(self.text, soft)),
        ]
    }
}

/// `from`, and on towards `end` in small steps; the end itself, which has none of the colour left, is not one of them.
fn shades(from: Colour, end: Colour) -> impl Iterator<Item = Colour> {
    (0..96).step_by(2).map(move |percent| from.mixed(end, percent))
}

fn first(mut shades: impl Iterator<Item = Colour>, fits: impl Fn(Colour) -> bool) -> Option<Colour> {
    shades.find(|shade| fits(*shade))
}

/// White where it can be read, else the darkest shade that can: one of white and black always can.
fn text_on(accent: Colour) -> Colour {
    if contrast(Colour::WHITE, accent) >= TEXT {
        return Colour::WHITE;
    }
    let dark = accent.mixed(Colour::BLACK, 85);
    if contrast(dark, accent) >= TEXT {
        dark
    } else {
        Colour::BLACK
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{Accent, CONTROL, Colour, DARK, LIGHT, LowContrast, contrast};

    proptest! {
        /// Whatever a company picks, it gets a readable page or is told so: nothing in between.
        #[test]
        fn every_colour_keeps_all_ratios_or_is_too_light(digits in any::<u32>()) {
            let brand = Colour::of(digits);
            match Accent::new(brand) {
                Ok(accent) => {
                    for (ground, tokens) in [(LIGHT, accent.light), (DARK, accent.dark)] {
                        for (pair, needed, ratio) in ground.pairs(&tokens) {
                            assert!(ratio >= needed, "{brand}: {pair} has {ratio:.2}");
                        }
                        assert_ne!(tokens.hover, tokens.accent, "{brand}: the pointer changes nothing");
                    }
                }
                Err(refusal) => assert_eq!(refusal, LowContrast::OnWhite(contrast(brand, Colour::WHITE))),
            }
        }
    }

    #[test]
    fn a_light_colour_is_refused_with_its_ratio() {
        let refusal = Accent::new("#ffcc00".parse().unwrap()).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "its contrast on white is 1.51:1 and must be at least 3:1. Choose a darker colour."
        );
    }

    #[test]
    fn the_chosen_colour_itself_is_kept_on_light_pages() {
        for digits in ["#3454c5", "#0a7d4b", "#b3261e", "#000000", "#d9480f"] {
            let accent = Accent::new(digits.parse().unwrap()).unwrap();
            assert_eq!(accent.light.accent.to_string(), digits);
            assert!(contrast(accent.dark.accent, DARK.surface) >= CONTROL);
        }
    }

    #[test]
    fn the_stylesheet_sets_each_token_for_light_and_dark() {
        let css = Accent::new("#0a7d4b".parse().unwrap()).unwrap().css();
        assert_eq!(css.lines().count(), 7);
        assert!(css.contains("  --accent: light-dark(#0a7d4b, #"), "{css}");
    }

    /// The ratios mean nothing if the pages have other colours than the ones they were worked out for.
    #[test]
    fn the_grounds_are_those_of_the_main_stylesheet() {
        let css = include_str!("../../static/css/app.css");
        for (token, light, dark) in [
            ("bg", LIGHT.page, DARK.page),
            ("surface", LIGHT.surface, DARK.surface),
            ("sunken", LIGHT.sunken, DARK.sunken),
            ("text", LIGHT.text, DARK.text),
        ] {
            let line = format!("--{token}: light-dark({light}, {dark});");
            assert!(css.contains(&line), "app.css does not say {line}");
        }
    }
}
