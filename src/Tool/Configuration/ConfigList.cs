namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>A list of values.</summary>
/// <param name="Items">The values.</param>
/// <param name="Place">Where it begins.</param>
internal sealed record ConfigList(IReadOnlyList<ConfigNode> Items, ConfigPlace Place) : ConfigNode(Place)
{
    public override string Kind => "a list";
}
