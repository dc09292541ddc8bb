namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>Which side of its entries a dict's view shows.</summary>
internal enum DictViewKind
{
    Keys,
    Values,
    Items,
}
