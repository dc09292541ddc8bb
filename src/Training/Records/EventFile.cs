using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Tensorboard;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Writes TensorBoard's event files: an event per measurement, with a scalar for each metric.</summary>
/// <remarks>
/// The messages are TorchSharp's; its writer is not used, since it dates files wrongly, knows whole seconds only, and cannot go on after a resume.
/// Each process writes a file of its own. One that resumes also tells TensorBoard to forget what it has seen of later steps.
/// </remarks>
internal sealed partial class EventFile(string folder, TimeProvider clock) : IMeasurementFile
{
    private AppendedFile? _file;
    private long _resumedFrom;

    public void CutBack(long step)
    {
        string[] earlier = Existing();
        foreach (string path in earlier)
        {
            if (step == 0) File.Delete(path);
            else Cut(path, step);
        }
        // TensorBoard reads the files in the order of their names, so a name never goes back in time
        long time = clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (string path in earlier) time = Math.Max(time, long.Parse(Name().Match(Path.GetFileName(path)).Groups[1].ValueSpan, CultureInfo.InvariantCulture) + 1);
        _file = new AppendedFile(Path.Combine(folder, $"events.out.tfevents.{time:D10}.minimind-dpo"));
        _resumedFrom = step;
    }

    public void Append(Measurement measurement)
    {
        double time = measurement.At.ToUnixTimeMilliseconds() / 1000.0;
        Event values = new() { WallTime = time, Step = measurement.Step, Summary = new Summary() };
        foreach ((string name, double value) in measurement.Values)
            values.Summary.Value.Add(new Summary.Types.Value { Tag = Tag(name), SimpleValue = (float)value });
        byte[] record = EventRecord.Write(values.ToByteArray());
        _file!.Append(_file.IsEmpty ? [.. Opening(time), .. record] : record);
    }

    /// <summary>The tag under which TRL's runs show a metric: <c>eval_loss</c> is <c>eval/loss</c>, <c>loss</c> is <c>train/loss</c>.</summary>
    internal static string Tag(string name) => name.StartsWith(MetricNames.EvaluationPrefix, StringComparison.Ordinal)
        ? $"eval/{name[MetricNames.EvaluationPrefix.Length..]}"
        : $"train/{name}";

    private byte[] Opening(double time)
    {
        byte[] version = EventRecord.Write(new Event { WallTime = time, FileVersion = "brain.Event:2" }.ToByteArray());
        if (_resumedFrom == 0) return version;
        SessionLog start = new() { Status = SessionLog.Types.SessionStatus.Start };
        return [.. version, .. EventRecord.Write(new Event { WallTime = time, Step = _resumedFrom + 1, SessionLog = start }.ToByteArray())];
    }

    private string[] Existing() => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "events.out.tfevents.*").Where(path => Name().IsMatch(Path.GetFileName(path)))]
        : [];

    private static void Cut(string path, long step)
    {
        AppendedFile file = new(path);
        ReadOnlySpan<byte> bytes = file.Read();
        int kept = 0;
        while (EventRecord.TryRead(bytes[kept..], out ReadOnlySpan<byte> message, out int length) && Event.Parser.ParseFrom(message) is var found && (found.SessionLog is not null || found.Step <= step))
            kept += length;
        if (kept < bytes.Length) file.CutTo(kept);
    }

    [GeneratedRegex(@"\Aevents\.out\.tfevents\.([0-9]{10,18})\.minimind-dpo\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
