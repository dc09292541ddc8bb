using Parquet.Meta;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Makes the tree of columns of a Parquet file's flat list of schema elements, lists and maps in every form that the format has had.</summary>
internal sealed class ParquetTree(IReadOnlyList<SchemaElement> elements)
{
    /// <summary>Levels that columns may be nested.</summary>
    public const int MaxDepth = 32;

    private int _next = 1;
    private int _leaves;

    /// <summary>Reads the columns.</summary>
    /// <exception cref="InvalidDataException">The elements make no tree.</exception>
    public IReadOnlyList<ParquetNode> Read()
    {
        if (elements.Count == 0)
            throw new InvalidDataException("its schema is empty");
        ParquetNode[] columns = [.. Enumerable.Range(0, CountOf(elements[0])).Select(_ => ReadNode(0, 0, 1))];
        return _next == elements.Count ? columns : throw new InvalidDataException("its schema has elements that belong to no column");
    }

    private static int CountOf(SchemaElement element) => element.NumChildren ?? 0;

    private static bool IsList(SchemaElement element) => element.ConvertedType == ConvertedType.LIST || element.LogicalType?.LIST is not null;

    private static bool IsMap(SchemaElement element) =>
        element.ConvertedType is ConvertedType.MAP or ConvertedType.MAP_KEY_VALUE || element.LogicalType?.MAP is not null;

    private ParquetNode ReadNode(int definition, int repetition, int depth)
    {
        SchemaElement element = Next(depth);
        if (element.RepetitionType != FieldRepetitionType.REPEATED)
            return ReadBody(element, definition + (element.RepetitionType == FieldRepetitionType.OPTIONAL ? 1 : 0), repetition, depth);
        // a list without the groups around it that later versions ask for
        int first = _leaves;
        ParquetNode item = ReadBody(element, definition + 1, repetition + 1, depth);
        return List(element, definition, repetition, first, [item], ParquetNodeKind.List);
    }

    private ParquetNode ReadBody(SchemaElement element, int definition, int repetition, int depth)
    {
        int first = _leaves, children = CountOf(element);
        if (children == 0)
        {
            if (element.Type is null)
                throw new InvalidDataException($"column '{Excerpt.Of(element.Name)}' has neither a type nor parts");
            _leaves++;
            return new ParquetNode(element.Name, ParquetNodeKind.Value, definition, first);
        }
        if (children == 1 && _next < elements.Count && elements[_next].RepetitionType == FieldRepetitionType.REPEATED)
        {
            if (IsMap(element) && CountOf(elements[_next]) == 2)
            {
                return List(element, definition, repetition, first, ReadMembers(Next(depth + 1), definition + 1, repetition + 1, depth + 1),
                    ParquetNodeKind.Map);
            }

            if (IsList(element))
            {
                return List(element, definition, repetition, first, [ReadItem(element, Next(depth + 1), definition + 1, repetition + 1, depth + 1)],
                    ParquetNodeKind.List);
            }
        }
        ParquetNode[] members = ReadMembers(element, definition, repetition, depth);
        return new ParquetNode(element.Name, ParquetNodeKind.Object, definition, first) { Children = members, Leaves = _leaves - first };
    }

    // The repeated group of a list holds the element, or is the element in files of old writers.
    private ParquetNode ReadItem(SchemaElement list, SchemaElement repeated, int definition, int repetition, int depth)
    {
        bool isWrapper = CountOf(repeated) == 1 && repeated.Name != "array" && repeated.Name != list.Name + "_tuple";
        return isWrapper ? ReadNode(definition, repetition, depth + 1) : ReadBody(repeated, definition, repetition, depth);
    }

    private ParquetNode[] ReadMembers(SchemaElement group, int definition, int repetition, int depth) =>
        [.. Enumerable.Range(0, CountOf(group)).Select(_ => ReadNode(definition, repetition, depth + 1))];

    private ParquetNode List(SchemaElement element, int definition, int repetition, int first, IReadOnlyList<ParquetNode> children, ParquetNodeKind kind) =>
        new(element.Name, kind, definition, first)
        {
            Children = children, Leaves = _leaves - first, ItemDefinition = definition + 1,
            Repetition = repetition + 1
        };

    private SchemaElement Next(int depth)
    {
        if (depth > MaxDepth)
            throw new InvalidDataException($"its columns are nested more than {MaxDepth} deep");
        return _next < elements.Count ? elements[_next++] : throw new InvalidDataException("its schema ends in the middle of a column");
    }
}
