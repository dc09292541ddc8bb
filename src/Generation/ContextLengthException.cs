namespace MiniMind.MLNet.Dpo;

/// <summary>A prompt leaves no room for an answer in the model's context.</summary>
public sealed class ContextLengthException : ArgumentException
{
    internal ContextLengthException(string message, string parameter, int promptTokens, int contextTokens)
        : base(message, parameter) => (PromptTokens, ContextTokens) = (promptTokens, contextTokens);

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; }

    /// <summary>The most tokens of prompt and answer together.</summary>
    public int ContextTokens { get; }
}
