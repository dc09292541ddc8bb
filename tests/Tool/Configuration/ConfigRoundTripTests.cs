using System.Reflection;
using MiniMind.MLNet.Dpo.Tool.Configuration;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Configuration;

public sealed class ConfigRoundTripTests
{
    /// <summary>For each kind of value one that is no default.</summary>
    private static readonly Dictionary<Type, string> s_others = new()
    {
        [typeof(string)] = "\"a: \\\"b\\\" # c\\u001b\"", [typeof(int)] = "7", [typeof(long)] = "8000000000", [typeof(double)] = "0.30000000000000004",
        [typeof(char)] = "\";\"", [typeof(ComputeDevice)] = "cuda:3", [typeof(ValidationMetric)] = "margin", [typeof(LoraTargets)] = "[q_proj, down_proj]",
        [typeof(IReadOnlyList<string>)] = "[one, \"2\", \"null\"]", [typeof(IReadOnlyList<int>)] = "[0, 3]",
        [typeof(TimeSpan)] = "00:00:07",
        [typeof(IReadOnlyDictionary<string, object?>)] = "{thinking: true, name: \"true\", number: 3, half: 0.5, nothing: null, list: [1, two]}",
        [typeof(PreferenceLoss)] = "{name: mix, parts: [{weight: 0.8, loss: {name: robust, label-smoothing: 0.2}}, {weight: 0.2, loss: {name: wpo, loss: "
            + "{name: alpha-divergence, alpha: 0.25, label-smoothing: 0}}}]}",
        [typeof(OptimizerOptions)] = "{name: rms-prop, alpha: 0.9, epsilon: 1e-06, momentum: 0.5, weight-decay: 0.1, decay-norms: false}",
        [typeof(ScheduleOptions)] = "{name: cosine, warmup-steps: 3, floor: 0.25}", [typeof(PreferenceMargin)] = "{name: log-score-gap, alpha: 0.5}",
    };

    public static TheoryData<string> Commands() => OptionKeysTests.Commands();

    [Theory]
    [MemberData(nameof(Commands))]
    public void Write_Defaults_ReadBackTheSame(string command)
    {
        ConfigShape shape = OptionKeysTests.ShapeOf(command);
        string text = YamlConfigWriter.Write(shape.Write(shape.Read(new ConfigMap([], default))));

        YamlConfigWriter.Write(shape.Write(shape.Read(YamlConfigReader.Read(text, "run.yaml")))).Should().Be(text);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Read_EveryKeyChanged_WritesTheSame(string command)
    {
        ConfigShape shape = OptionKeysTests.ShapeOf(command);
        string defaults = YamlConfigWriter.Write(shape.Write(shape.Read(new ConfigMap([], default))));
        ConfigMap changed = new([], default);
        foreach (OptionKey key in shape.Keys.Where(key => !key.IsGroup))
            changed = changed.With([.. key.Path], YamlConfigReader.Value(Other(key), key.Name));

        string text = YamlConfigWriter.Write(shape.Write(shape.Read(changed)));

        ConfigMap read = YamlConfigReader.Read(text, "run.yaml");
        foreach (OptionKey key in shape.Keys.Where(key => !key.IsGroup))
            Words(read.At([.. key.Path])!).Should().Be(Words(changed.At([.. key.Path])!), key.Name);
        text.Should().NotBe(defaults).And.NotContain("\u001b");
        YamlConfigWriter.Write(shape.Write(shape.Read(YamlConfigReader.Read(text, "run.yaml")))).Should().Be(text);
    }

    [Fact]
    public void Choices_Everyone_ReadsAndWritesWithDefaultsOfItsMethod()
    {
        ConfigShape shape = OptionKeysTests.ShapeOf("TrainCommand");
        foreach (OptionKey key in shape.Keys.Where(key => Choices.Has(key.Type)))
        {
            foreach ((string name, MethodInfo method) in Choices.Methods(key.Type).Where(choice => choice.Value.GetParameters().All(p => p.HasDefaultValue)))
            {
                ConfigValues values = shape.Read(YamlConfigReader.Read($"{key.Name}: {name}", "run.yaml"));

                object? value = key.Property.GetValue(values.Get<DpoTrainer.Options>());
                object expected = method.Invoke(null, [.. method.GetParameters().Select(parameter => parameter.DefaultValue)])!;
                YamlConfigWriter.Write(shape.Write(values)).Should().Contain(name);
                (value is OptimizerOptions optimizer ? optimizer.Description : value is ScheduleOptions schedule ? schedule.Description : value)
                    .Should().Be(expected is OptimizerOptions same ? same.Description : expected is ScheduleOptions plan ? plan.Description : expected);
            }
        }
    }

    private static string Other(OptionKey key)
    {
        if (key.Type == typeof(bool))
            return (bool?)key.Property.GetValue(Activator.CreateInstance(key.Property.ReflectedType!)) == true ? "false" : "true";
        if (key.Type.IsEnum)
            return key.Type.IsDefined(typeof(FlagsAttribute)) ? "[metrics-csv, run-json]" : KeyNames.Of(Enum.GetNames(key.Type)[^1]);
        if (key.Type.IsGenericType && key.Type.GetGenericArguments()[0].IsEnum)
            return $"[{KeyNames.Of(Enum.GetNames(key.Type.GetGenericArguments()[0])[^1])}]";
        return s_others[key.Type];
    }

    // whether a word was quoted where it could be nothing else does not matter
    private static string Words(ConfigNode node) => node switch
    {
        ConfigScalar scalar => scalar.Text,
        ConfigList list => $"[{string.Join(" | ", list.Items.Select(Words))}]",
        ConfigMap map => $"{{{string.Join(" | ", map.Entries.Select(entry => $"{entry.Key}: {Words(entry.Value)}"))}}}",
        _ => throw new NotSupportedException(),
    };
}
