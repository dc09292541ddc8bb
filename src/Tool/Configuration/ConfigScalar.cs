namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>A text, number, switch or nothing.</summary>
/// <param name="Text">The text without quotes.</param>
/// <param name="IsPlain">Whether it stood without quotes, so that it may be a number, a switch or null.</param>
/// <param name="Place">Where it was written.</param>
internal sealed record ConfigScalar(string Text, bool IsPlain, ConfigPlace Place) : ConfigNode(Place)
{
    public override string Kind => IsNull ? "null" : $"'{KeyNames.Short(Text)}'";

    /// <summary>Whether it says that there is no value.</summary>
    public bool IsNull => IsPlain && Text is "" or "~" or "null";

    /// <summary>No value.</summary>
    public static ConfigScalar Null(ConfigPlace place) => new("null", true, place);
}
