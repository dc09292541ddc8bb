namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>The evaluated arguments of a call, filter or test.</summary>
internal sealed class CallArguments
{
    public static readonly CallArguments Empty = new([], []);

    public CallArguments(object?[] positional, KeyValuePair<string, object?>[] keywords)
    {
        Positional = positional;
        Keywords = keywords;
    }

    public object?[] Positional { get; }

    public KeyValuePair<string, object?>[] Keywords { get; }

    /// <summary>The arguments without the first <paramref name="count"/> positional ones.</summary>
    public CallArguments Skip(int count) => new(Positional[count..], Keywords);
}
