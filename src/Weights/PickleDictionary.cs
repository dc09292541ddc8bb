namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>A Python dict or OrderedDict as a list of pairs.</summary>
/// <remarks>Not hashed: keys come from the file, and chosen ones could be made to collide.</remarks>
internal sealed class PickleDictionary
{
    private List<KeyValuePair<object, object>>? _items;

    /// <summary>Keys and values in the order of the file.</summary>
    public IReadOnlyList<KeyValuePair<object, object>> Items => _items ?? (IReadOnlyList<KeyValuePair<object, object>>)[];

    /// <summary>Adds a pair.</summary>
    public void Add(object key, object value) => (_items ??= []).Add(new(key, value));
}
