using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Writes <c>metrics.jsonl</c>: a JSON object per measurement, with step, seconds, time and every metric by name.</summary>
/// <remarks>Numbers that JSON does not have are the texts <c>"NaN"</c>, <c>"Infinity"</c> and <c>"-Infinity"</c>.</remarks>
internal sealed class MetricsJsonl(string folder) : IMeasurementFile
{
    public const string FileName = "metrics.jsonl";
    public const string StepName = "step", ElapsedName = "elapsed_seconds", TimeName = "time";

    private readonly AppendedFile _file = new(Path.Combine(folder, FileName));

    public void CutBack(long step)
    {
        byte[] bytes = _file.Read();
        int kept = 0;
        for (int end; step > 0 && (end = Array.IndexOf(bytes, (byte)'\n', kept)) >= 0 && StepOf(bytes.AsMemory(kept..end)) <= step;)
            kept = end + 1;
        _file.CutTo(kept);
    }

    public void Append(Measurement measurement)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter json = new(line))
        {
            json.WriteStartObject();
            json.WriteNumber(StepName, measurement.Step);
            json.WriteNumber(ElapsedName, Math.Round(measurement.Elapsed.TotalSeconds, 3));
            json.WriteString(TimeName, measurement.At.UtcDateTime);
            foreach ((string name, double value) in measurement.Values)
            {
                if (double.IsFinite(value))
                    json.WriteNumber(name, value);
                else
                    json.WriteString(name, NumberText.Text(value));
            }
            json.WriteEndObject();
        }
        line.WriteByte((byte)'\n');
        _file.Append(line.GetBuffer().AsSpan(0, (int)line.Length));
    }

    private static long StepOf(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.GetProperty(StepName).GetInt64();
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return long.MaxValue; // not a line of ours: cut from here
        }
    }
}
