using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>What a run folder holds. A file that is missing or damaged leaves its part out, and says so.</summary>
internal sealed class RunFolder
{
    private const int MostBytes = 1 << 28;

    private readonly List<string> _faults = [];

    /// <summary>Reads a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">It has no <c>run.json</c>, so that it is no run folder, or one that cannot be read.</exception>
    public RunFolder(string path)
    {
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"There is no folder '{path}'.");
        Name = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)));
        Path = path;
        Record = Json(RunRecord.FileName);
        if (!Record.Exists)
        {
            throw new InvalidDataException(_faults.Count > 0 ? $"'{path}': {_faults[0]}"
                : $"'{path}' is no run folder: it has no {RunRecord.FileName}, which a trainer's RunDirectory writes.");
        }
        Masks = Json(MaskSample.FileName);
        Diagnosis = Json(DiagnosisSample.FileName);
        Measurements = MeasurementsOf();
        Samples = SamplesOf();
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Its own name.</summary>
    public string Name { get; }

    /// <summary><c>run.json</c>.</summary>
    public JsonView Record { get; }

    /// <summary><c>masks.json</c>.</summary>
    public JsonView Masks { get; }

    /// <summary><c>diagnosis.json</c>.</summary>
    public JsonView Diagnosis { get; }

    /// <summary><c>metrics.jsonl</c>: steps and numbers by name.</summary>
    public IReadOnlyList<(long Step, IReadOnlyDictionary<string, double> Values)> Measurements { get; }

    /// <summary><c>answers.jsonl</c>.</summary>
    public IReadOnlyList<AnswerSample> Samples { get; }

    /// <summary>Files that could not be read, and why.</summary>
    public IReadOnlyList<string> Faults => _faults;

    private byte[]? Bytes(string name)
    {
        string path = System.IO.Path.Combine(Path, name);
        if (!System.IO.Path.Exists(path))
            return null;
        try
        {
            return RegularFile.ReadAllBytes(path, MostBytes);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            _faults.Add($"{name} cannot be read: {fault.Message}");
            return null;
        }
    }

    private JsonView Json(string name)
    {
        if (Bytes(name) is not { } bytes)
            return default;
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            RequireNames(document.RootElement);
            return new JsonView(document.RootElement.Clone());
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            _faults.Add($"{name} is damaged: {fault.Message}");
            return default;
        }
    }

    // a name with half of a pair of surrogates cannot be compared with others
    private static void RequireNames(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                _ = property.Name;
                RequireNames(property.Value);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                RequireNames(item);
        }
    }

    private List<(long, IReadOnlyDictionary<string, double>)> MeasurementsOf()
    {
        List<(long, IReadOnlyDictionary<string, double>)> measurements = [];
        byte[] bytes = Bytes(MetricsJsonl.FileName) ?? [];
        int line = 0, damaged = 0;
        for (int start = 0, end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0; start = end + 1)
        {
            line++;
            try
            {
                using JsonDocument document = JsonDocument.Parse(bytes.AsMemory(start..end));
                RequireNames(document.RootElement);
                JsonView row = new(document.RootElement);
                if (row[MetricsJsonl.StepName].Number is not (>= 0 and < long.MaxValue) and var step)
                    throw new JsonException($"'{MetricsJsonl.StepName}' is {step}");
                measurements.Add(((long)row[MetricsJsonl.StepName].Number!.Value, row.Properties.Where(value => value.Value.Number is not null)
                    .DistinctBy(value => value.Name).ToDictionary(value => value.Name, value => value.Value.Number!.Value)));
            }
            catch (Exception fault) when (fault is JsonException or InvalidOperationException)
            {
                damaged = damaged == 0 ? line : damaged;
            }
        }
        if (damaged > 0)
            _faults.Add($"{MetricsJsonl.FileName}:{damaged} is damaged; such lines are left out");
        return measurements;
    }

    private List<AnswerSample> SamplesOf()
    {
        byte[] bytes = Bytes(AnswerLog.FileName) ?? [];
        List<AnswerSample> samples = AnswerLog.Read(bytes, long.MaxValue, out int length);
        if (length < bytes.Length)
            _faults.Add($"{AnswerLog.FileName}:{samples.Count + 1} is damaged; what follows is left out");
        return samples;
    }
}
