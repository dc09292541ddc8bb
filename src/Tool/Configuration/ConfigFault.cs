namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>Something that is wrong with a configuration.</summary>
/// <param name="Place">Where.</param>
/// <param name="Message">What, and what would be right.</param>
internal sealed record ConfigFault(ConfigPlace Place, string Message)
{
    public override string ToString() => $"{Place}: {Message}.";
}
