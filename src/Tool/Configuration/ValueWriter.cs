using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>Tells every option of a record by its key and value, as a configuration that gives the same record.</summary>
internal static class ValueWriter
{
    /// <summary>The keys and values of a record.</summary>
    public static ConfigMap Record(object record) => new(
        [.. OptionKeys.Options(record.GetType()).Select(property => new ConfigEntry(
            KeyNames.Of(property.Name), default, Value(property.GetValue(record)), Remark(record, property)))], default);

    // what the loss recommends is no value that was set: written as one, it would be refused where the loss has none
    private static string? Remark(object record, PropertyInfo property) => record is DpoTrainer.Options options && property.Name switch
    {
        nameof(DpoTrainer.Options.Beta) => options != options with { Beta = options.Beta },
        nameof(DpoTrainer.Options.Reduction) => options != options with { Reduction = options.Reduction },
        _ => false,
    } ? "what the loss recommends" : null;

    private static ConfigNode Value(object? value) => value switch
    {
        null => ConfigScalar.Null(default),
        LoraTargets targets => Scalars.Named<LoraTargets>().Where(named => named.Value == targets).Select(named => named.Key).FirstOrDefault() is { } set
            ? Scalars.Write(set)
            : List(targets.Names),
        PreferenceLoss loss => Loss(JsonSerializer.SerializeToNode(loss)!),
        OptimizerOptions optimizer => Choice(optimizer.Name, optimizer.Parameters.Select(parameter => (parameter.Key, Value(parameter.Value)))),
        ScheduleOptions schedule => Choice(schedule.Name, schedule.Parameters.Select(parameter => (parameter.Key, Value(parameter.Value)))),
        PreferenceMargin margin => margin.IsScoreGap
            ? Choice(nameof(PreferenceMargin.LogScoreGap), [("alpha", Value(margin.Scale))])
            : Choice(nameof(PreferenceMargin.Plain), [("scale", Value(margin.Scale))]),
        Enum flags when flags.GetType().IsDefined(typeof(FlagsAttribute), false) => List(flags.ToString().Split(", ").Select(KeyNames.Of)),
        IReadOnlyDictionary<string, object?> variables => new ConfigMap(
            [.. variables.Select(variable => new ConfigEntry(variable.Key, default, Value(variable.Value)))], default),
        not string and IEnumerable items => List(items),
        _ when OptionKeys.IsGroup(value.GetType()) => Record(value),
        _ => Scalars.Write(value),
    };

    private static ConfigList List(IEnumerable items) => new([.. items.Cast<object?>().Select(Value)], default);

    private static ConfigNode Choice(string name, IEnumerable<(string Parameter, ConfigNode Value)> parameters)
    {
        ConfigEntry[] given = [.. parameters.Select(parameter => new ConfigEntry(KeyNames.Of(parameter.Parameter), default, parameter.Value))];
        ConfigScalar word = new(KeyNames.Of(name), false, default);
        return given.Length == 0 ? word : new ConfigMap([new ConfigEntry(Choices.NameKey, default, word), .. given], default);
    }

    // a loss tells its name and parameters as JSON
    private static ConfigNode Loss(JsonNode json) => json switch
    {
        JsonObject { Count: > 0 } loss when loss.ContainsKey("Name") => Choice(
            loss["Name"]!.GetValue<string>(),
            loss.Where(pair => pair.Key != "Name").Select(pair => (pair.Key, pair.Value is { } value ? Loss(value) : Value(null)))),
        JsonObject part => new ConfigMap(
            [.. part.Select(pair => new ConfigEntry(KeyNames.Of(pair.Key), default, pair.Value is { } value ? Loss(value) : Value(null)))], default),
        JsonArray items => new ConfigList([.. items.Select(item => Loss(item!))], default),
        _ when json.GetValueKind() is JsonValueKind.True or JsonValueKind.False => Value(json.GetValue<bool>()),
        _ => Value(json.GetValue<double>()),
    };
}
