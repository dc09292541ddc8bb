namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>What a runtime takes a token for (<c>tokenizer.ggml.token_type</c>).</summary>
internal enum RuntimeTokenKind
{
    /// <summary>A token of the merges' vocabulary.</summary>
    Normal = 1,

    /// <summary>A special token: found in a prompt, left out of what is shown.</summary>
    Control = 3,

    /// <summary>An added token that is not special, such as <c>&lt;think&gt;</c>: found in any text, and shown.</summary>
    UserDefined = 4,

    /// <summary>An id that no text gives.</summary>
    Unused = 5,
}
