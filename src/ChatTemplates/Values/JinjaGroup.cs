namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>One group of the <c>groupby</c> filter: a pair whose items also have names.</summary>
internal sealed class JinjaGroup(object? grouper, JinjaList list) : JinjaTuple(grouper, list)
{
    public object? Grouper => Items[0];

    public object? List => Items[1];
}
