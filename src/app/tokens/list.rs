//! Reading the tokens of an account, a page at a time.
