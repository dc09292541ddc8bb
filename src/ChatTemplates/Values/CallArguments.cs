namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>The evaluated arguments of a call, filter or test.</summary>
internal sealed class CallArguments(object?[] positional, KeyValuePair<string, object?>[] keywords)
{
    public static readonly CallArguments Empty = new([], []);

    public object?[] Positional { get; } = positional;

    public KeyValuePair<string, object?>[] Keywords { get; } = keywords;

    /// <summary>The arguments without the first <paramref name="count"/> positional ones.</summary>
    public CallArguments Skip(int count) => new(Positional[count..], Keywords);
}
