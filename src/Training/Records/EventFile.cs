using System.Globalization;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Writes TensorBoard's event files: an event per measurement, with a scalar for each metric.</summary>
/// <remarks>
/// TorchSharp's writer is not used: it dates its files' first event in ticks instead of seconds, knows whole seconds only, opens the file for every
/// number, and cannot go on after a resume. Each process writes a file of its own. One that resumes also tells TensorBoard to forget what it has seen of later
/// steps.
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
            if (step == 0)
                File.Delete(path);
            else
                Cut(path, step);
        }
        // TensorBoard reads the files in the order of their names, so a name never goes back in time
        long time = clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (string path in earlier)
            time = Math.Max(time, long.Parse(Name().Match(Path.GetFileName(path)).Groups[1].ValueSpan, CultureInfo.InvariantCulture) + 1);
        _file = new AppendedFile(Path.Combine(folder, $"events.out.tfevents.{time:D10}.minimind-dpo"));
        _resumedFrom = step;
    }

    public void Append(Measurement measurement)
    {
        double time = measurement.At.ToUnixTimeMilliseconds() / 1000.0;
        byte[] record = EventRecord.Write(EventMessage.Scalars(time, measurement.Step, measurement.Values.Select(pair => (Tag(pair.Key), (float)pair.Value))));
        _file!.Append(_file.IsEmpty ? [.. Opening(time), .. record] : record);
    }

    /// <summary>The tag under which TRL's runs show a metric: <c>eval_loss</c> is <c>eval/loss</c>, <c>loss</c> is <c>train/loss</c>.</summary>
    internal static string Tag(string name) => name.StartsWith(MetricNames.EvaluationPrefix, StringComparison.Ordinal)
        ? $"eval/{name[MetricNames.EvaluationPrefix.Length..]}"
        : $"train/{name}";

    private byte[] Opening(double time)
    {
        byte[] version = EventRecord.Write(EventMessage.Version(time));
        return _resumedFrom == 0 ? version : [.. version, .. EventRecord.Write(EventMessage.SessionStart(time, _resumedFrom + 1))];
    }

    private string[] Existing() => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "events.out.tfevents.*").Where(path => Name().IsMatch(Path.GetFileName(path)))]
        : [];

    private static void Cut(string path, long step)
    {
        AppendedFile file = new(path);
        ReadOnlySpan<byte> bytes = file.Read();
        int kept = 0;
        while (EventRecord.TryRead(bytes[kept..], out ReadOnlySpan<byte> message, out int length) && EventMessage.StepOf(message) <= step)
            kept += length;
        if (kept < bytes.Length)
            file.CutTo(kept);
    }

    [GeneratedRegex(@"\Aevents\.out\.tfevents\.([0-9]{10,18})\.minimind-dpo\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
