namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

/// <summary>Which side of its entries a dict's view shows.</summary>
internal enum DictViewKind
{
    Keys,
    Values,
    Items,
}
