using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Training;

namespace MiniMind.MLNet.Dpo.Tool.Runs;

/// <summary>What a run's folder tells.</summary>
internal sealed class RunRecords
{
    private const long MostBytes = 256L << 20;

    private readonly JsonObject _record;

    private RunRecords(RunFolder folder, JsonObject record, IReadOnlyList<JsonObject> measurements) =>
        (Folder, _record, Measurements) = (folder, record, measurements);

    /// <summary>The folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>The measurements in their order.</summary>
    public IReadOnlyList<JsonObject> Measurements { get; }

    /// <summary>How far it came, such as <c>completed</c>.</summary>
    public string Status => _record["status"]?.ToString() ?? "unknown";

    /// <summary>Its steps.</summary>
    public string Steps => $"{_record["steps"]} of {_record["total_steps"]}";

    /// <summary>The fingerprint of the rows that it was trained on.</summary>
    public string? Data => (_record["run"]?["data"] as JsonObject)?["sha256"]?.ToString();

    /// <summary>The fingerprint of the weights that it began with.</summary>
    public string? Beginning => (_record["run"]?["model"] as JsonObject)?["sha256"]?.ToString();

    /// <summary>Its options by name; those of the configuration where there is one.</summary>
    /// <exception cref="ConfigException">The configuration is damaged.</exception>
    public IReadOnlyDictionary<string, string> Options => File.Exists(Folder.Config)
        ? Flat(YamlConfigReader.ReadFile(Folder.Config)).ToDictionary(pair => pair.Key, pair => pair.Value)
        : Flat((_record["run"]?["options"] as JsonObject) ?? []).ToDictionary(pair => pair.Key, pair => pair.Value);

    /// <summary>Reads a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is no run's.</exception>
    public static RunRecords Of(string path)
    {
        RunFolder folder = new(path);
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"There is no run '{path}': no such folder.");
        if (!File.Exists(folder.Record))
        {
            throw new InvalidDataException(
                $"'{path}' is no run: it has no {Path.GetFileName(folder.Record)}, which training writes where 'run-directory' is set.");
        }

        JsonObject record = Parse(File.ReadAllText(Checked(folder.Record)), folder.Record, 1);
        JsonObject[] measurements = File.Exists(folder.Metrics)
            ? [.. File.ReadLines(Checked(folder.Metrics)).Select((line, index) => Parse(line, folder.Metrics, index + 1))] : [];
        return new RunRecords(folder, record, measurements);
    }

    /// <summary>The values of a metric over the run.</summary>
    public IReadOnlyList<double> Curve(string metric) =>
        [.. Measurements.Select(measurement => Number(measurement[metric])).OfType<double>()];

    /// <summary>The last value of a metric; <see langword="null"/> where there is none.</summary>
    public double? Metric(string name) => Number(_record["metrics"]?[name]);

    private static double? Number(JsonNode? value) => value is JsonValue number
        ? number.TryGetValue(out double finite) ? finite : double.TryParse(number.ToString(), out double named) ? named : null : null;

    private static IEnumerable<KeyValuePair<string, string>> Flat(ConfigNode node, string path = "")
    {
        if (node is ConfigMap { Entries.Count: > 0 } map)
            return map.Entries.SelectMany(entry => Flat(entry.Value, path.Length == 0 ? entry.Key : $"{path}.{entry.Key}"));
        return [KeyValuePair.Create(path, YamlConfigWriter.Flow(node))];
    }

    private static IEnumerable<KeyValuePair<string, string>> Flat(JsonNode? node, string path = "") => node is JsonObject { Count: > 0 } below
        ? below.SelectMany(pair => Flat(pair.Value, path.Length == 0 ? pair.Key : $"{path}.{pair.Key}"))
        : [KeyValuePair.Create(path, node?.ToJsonString() ?? "null")];

    private static string Checked(string path) => new FileInfo(path).Length <= MostBytes
        ? path : throw new InvalidDataException($"{path}: it has more than {MostBytes} bytes.");

    private static JsonObject Parse(string text, string path, int line)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new JsonException("it is no object");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"{path}:{line}: this is not what training writes: {fault.Message}", fault);
        }
    }
}
