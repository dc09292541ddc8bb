using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Tells every option by name and value, as run records show them.</summary>
internal static class OptionValues
{
    /// <summary>The public properties of an options object; options within options become objects.</summary>
    public static JsonObject Of(object options)
    {
        JsonObject values = [];
        foreach (PropertyInfo property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.GetIndexParameters().Length == 0))
        {
            values.Add(property.Name, Node(property.GetValue(options)));
        }

        return values;
    }

    private static JsonNode? Node(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag,
        int number => number,
        long number => number,
        double number when double.IsFinite(number) => number,
        CancellationToken token => token.CanBeCanceled ? "can be cancelled" : "none",
        PretrainedModel model => string.Create(CultureInfo.InvariantCulture, $"{model.ParameterCount} parameters"),
        ICommunicator communicator => string.Create(CultureInfo.InvariantCulture, $"{communicator.Size} processes"),
        OptimizerOptions optimizer => optimizer.Description,
        PreferenceLoss loss => InvariantText.Of(loss),
        ScheduleOptions schedule => schedule.Description,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture), // enumerations, times, numbers that are not finite
        _ when !IsOurs(value.GetType()) && value is IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(Node)]),
        _ when IsOurs(value.GetType()) && value.GetType().IsValueType => value.ToString(),
        _ when IsOurs(value.GetType()) && value is not Delegate => Of(value),
        _ => value.GetType().Name, // loggers, progress, data: what they are, not what they hold
    };

    private static bool IsOurs(Type type) => type.Assembly == typeof(OptionValues).Assembly;
}
