using System.Reflection;
using MiniMind.MLNet.Dpo.Tool.Commands;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Configuration;

public sealed class OptionKeysTests
{
    /// <summary>Options records of the library that no command has, and why.</summary>
    private static readonly Dictionary<string, string> s_notForCommands = new()
    {
        ["WatchedModelOptions"] = "an app watches a file; a command ends",
        ["MpiOptions"] = "processes that train together are a program's to connect",
        ["TrainingOptions"] = "abstract: its options are those of the trainers",
        ["JsonlFileOptions"] = "abstract: its options are those of the files",
        ["OptimizerOptions"] = "a choice by name with parameters",
        ["ScheduleOptions"] = "the same",
    };

    public static TheoryData<string> Commands() => [.. ToolCommands.All.OfType<ConfiguredCommand>().Select(command => command.GetType().Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Keys_OfACommand_AreOneForEachOption(string command)
    {
        ConfigShape shape = ShapeOf(command);
        OptionKey[] keys = [.. shape.Keys];

        keys.Select(key => key.Name).Should().OnlyHaveUniqueItems();
        foreach (ConfigPart part in shape.Parts)
        {
            PropertyInfo[] expected = [.. Settable(part.Type).Where(option => !OptionsWithoutKey.Reasons.ContainsKey((option.DeclaringType!, option.Name)))];
            part.Keys.Select(key => Named(key.Property)).Order().Should().Equal(expected.Select(Named).Order());
        }
    }

    [Fact]
    public void OptionsWithoutKey_Listed_AreOptions()
    {
        HashSet<(Type, string)> options = [.. ToolCommands.All.OfType<ConfiguredCommand>().SelectMany(command => command.Shape.Parts)
            .SelectMany(part => Settable(part.Type)).Select(option => (option.DeclaringType!, option.Name))];

        OptionsWithoutKey.Reasons.Keys.Except(options).Should().BeEmpty("a name of nothing hides nothing");
        OptionsWithoutKey.Reasons.Values.Where(string.IsNullOrWhiteSpace).Should().BeEmpty();
    }

    [Fact]
    public void Records_OfOptions_BelongToCommands()
    {
        HashSet<Type> known = [.. ToolCommands.All.OfType<ConfiguredCommand>().SelectMany(command => command.Shape.Parts)
            .SelectMany(part => Groups(part.Type))];
        IEnumerable<Type> all = typeof(DpoTrainer).Assembly.GetExportedTypes().Concat(typeof(MpiOptions).Assembly.GetExportedTypes())
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal));

        all.Where(type => !known.Contains(type) && !s_notForCommands.ContainsKey(type.Name)).Should().BeEmpty();
    }

    [Fact]
    public void Of_NameInCode_IsItsKey() => new[] { "LearningRate", "AllowTf32", "KlPairs", "HeadOnResponsesOnly", "AdamW" }.Select(KeyNames.Of)
        .Should().Equal("learning-rate", "allow-tf32", "kl-pairs", "head-on-responses-only", "adam-w");

    internal static ConfigShape ShapeOf(string command) =>
        ToolCommands.All.OfType<ConfiguredCommand>().Single(known => known.GetType().Name == command).Shape;

    private static string Named(PropertyInfo option) => $"{option.DeclaringType}.{option.Name}";

    // what a program could set, found without what is tested
    private static IEnumerable<PropertyInfo> Settable(Type type)
    {
        foreach (PropertyInfo property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true }))
        {
            yield return property;
            bool isGroup = property.PropertyType.GetProperties().Any(below => below.SetMethod is { IsPublic: true })
                && property.PropertyType.GetConstructor([]) is not null && property.PropertyType.Assembly == typeof(DpoTrainer).Assembly
                && !OptionsWithoutKey.Has(property);
            foreach (PropertyInfo below in isGroup ? Settable(property.PropertyType) : [])
                yield return below;
        }
    }

    private static IEnumerable<Type> Groups(Type type) => OptionKeys.Options(type).Select(property => property.PropertyType).Where(OptionKeys.IsGroup)
        .SelectMany(Groups).Prepend(type);
}
