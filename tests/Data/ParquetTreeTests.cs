using MiniMind.MLNet.Dpo.Data.Records;
using Parquet.Meta;
using Type = Parquet.Meta.Type;

namespace MiniMind.MLNet.Dpo.Tests.Data;

/// <summary>The forms that lists and maps have had in the Parquet format (LogicalTypes.md, backward-compatibility rules).</summary>
public class ParquetTreeTests
{
    private static readonly FieldRepetitionType s_required = FieldRepetitionType.REQUIRED, s_optional = FieldRepetitionType.OPTIONAL,
        s_repeated = FieldRepetitionType.REPEATED;

    [Fact]
    public void Read_ListOfThreeLevels_HasTheInnerGroupAsElement() =>
        Describe(Group("l", s_optional, 1, ConvertedType.LIST), Group("list", s_repeated, 1), Leaf("element", s_optional)).Should()
            .Be("l:List@1(items 2, rep 1)[element:Value@3]");

    [Fact]
    public void Read_ListOfTwoLevels_HasTheRepeatedGroupAsElement()
    {
        Describe(Group("l", s_optional, 1, ConvertedType.LIST), Leaf("element", s_repeated)).Should().Be("l:List@1(items 2, rep 1)[element:Value@2]");
        Describe(Group("l", s_required, 1, ConvertedType.LIST), Group("element", s_repeated, 2), Leaf("role", s_required), Leaf("content", s_optional))
            .Should().Be("l:List@0(items 1, rep 1)[element:Object@1{role:Value@1,content:Value@2}]");
        Describe(Group("l", s_optional, 1, ConvertedType.LIST), Group("array", s_repeated, 1), Leaf("content", s_required)).Should()
            .Be("l:List@1(items 2, rep 1)[array:Object@2{content:Value@2}]");
        Describe(Group("l", s_optional, 1, ConvertedType.LIST), Group("l_tuple", s_repeated, 1), Leaf("content", s_required)).Should()
            .Be("l:List@1(items 2, rep 1)[l_tuple:Object@2{content:Value@2}]");
    }

    [Fact]
    public void Read_RepeatedFieldAlone_IsAList()
    {
        Describe(Leaf("l", s_repeated)).Should().Be("l:List@0(items 1, rep 1)[l:Value@1]");
        Describe(Group("m", s_repeated, 1), Leaf("content", s_optional)).Should().Be("m:List@0(items 1, rep 1)[m:Object@1{content:Value@2}]");
    }

    [Fact]
    public void Read_Map_HasKeyAndValue() =>
        Describe(Group("m", s_optional, 1, ConvertedType.MAP), Group("key_value", s_repeated, 2), Leaf("key", s_required), Leaf("value", s_optional))
            .Should().Be("m:Map@1(items 2, rep 1)[key:Value@2,value:Value@3]");

    [Fact]
    public void Read_ListsInLists_CountTheirLevels() =>
        Describe(Group("l", s_optional, 1, ConvertedType.LIST), Group("list", s_repeated, 1), Group("element", s_optional, 1, ConvertedType.LIST),
            Group("list", s_repeated, 1), Leaf("element", s_optional))
            .Should().Be("l:List@1(items 2, rep 1)[element:List@3(items 4, rep 2)[element:Value@5]]");

    [Fact]
    public void Read_ElementsThatMakeNoTree_AreRefused()
    {
        FluentActions.Invoking(() => Describe(Group("l", s_optional, 3), Leaf("a", s_required))).Should().Throw<InvalidDataException>();
        FluentActions.Invoking(() => Describe(new SchemaElement { Name = "l", RepetitionType = s_optional })).Should().Throw<InvalidDataException>();
        SchemaElement[] deep = [.. Enumerable.Range(0, 100).Select(_ => Group("g", s_optional, 1)), Leaf("a", s_required)];
        FluentActions.Invoking(() => Describe(deep)).Should().Throw<InvalidDataException>().WithMessage("*nested more than 32 deep*");
    }

    private static SchemaElement Leaf(string name, FieldRepetitionType repetition) =>
        new() { Name = name, RepetitionType = repetition, Type = Type.BYTE_ARRAY };

    private static SchemaElement Group(string name, FieldRepetitionType repetition, int children, ConvertedType? kind = null) =>
        new() { Name = name, RepetitionType = repetition, NumChildren = children, ConvertedType = kind };

    private static string Describe(params SchemaElement[] column) =>
        Describe(new ParquetTree([new SchemaElement { Name = "root", NumChildren = 1 }, .. column]).Read().Single());

    private static string Describe(ParquetNode node)
    {
        string children = string.Join(',', node.Children.Select(Describe));
        return $"{node.Name}:{node.Kind}@{node.Definition}" + node.Kind switch
        {
            ParquetNodeKind.Value => "",
            ParquetNodeKind.Object => $"{{{children}}}",
            _ => $"(items {node.ItemDefinition}, rep {node.Repetition})[{children}]",
        };
    }
}
