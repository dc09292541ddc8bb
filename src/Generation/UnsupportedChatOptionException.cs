using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo;

/// <summary>The options of a request ask for what a chat client does not do.</summary>
public sealed class UnsupportedChatOptionException : NotSupportedException
{
    internal UnsupportedChatOptionException(IReadOnlyList<string> optionNames, string message)
        : base(message) => OptionNames = optionNames;

    /// <summary>The properties of <see cref="ChatOptions"/> that ask for it; at least one.</summary>
    public IReadOnlyList<string> OptionNames { get; }
}
