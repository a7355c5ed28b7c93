//! The words that a value is written as, both ways.

/// Gives an enum a function from a value to its word, and one back.
macro_rules! words {
    ($name:ident, $word:ident: $($variant:ident = $text:literal,)*) => {
        impl $name {
            /// As it is written.
            pub(crate) fn $word(self) -> &'static str {
                match self {
                    $($name::$variant => $text,)*
                }
            }

            /// What is written so.
            pub(crate) fn of_word(word: &str) -> Option<$name> {
                match word {
                    $($text => Some($name::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

pub(super) use words;
