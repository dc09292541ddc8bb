namespace MiniMind.MLNet.Dpo;

/// <summary>What becomes of the model's control tokens (turn marks, ends of turn, other special tokens) where a conversation's contents spell them.</summary>
public enum ControlTokenPolicy
{
    /// <summary>
    /// They are the text that they look like, so that a quoted turn never becomes one (the default). Contents that are whole texts as the template renders them
    /// are refused, for the template would be applied twice.
    /// </summary>
    AsText,

    /// <summary>As <see cref="AsText"/>, also where contents look rendered already: for data that quotes whole rendered conversations.</summary>
    AsTextUnchecked,

    /// <summary>They are control tokens, as in MiniMind's and transformers' data loading, which encode the rendered text as it stands.</summary>
    AsTokens,

    /// <summary>They are an error that names the token and the message.</summary>
    Refuse,

    /// <summary>
    /// The contents are rendered already: they are put together as they stand, the template is not applied, and their control tokens are tokens.
    /// </summary>
    Rendered,
}
