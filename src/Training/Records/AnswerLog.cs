using System.Text.Json;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>
/// Writes what the model answers to the same prompts at every evaluation: <c>answers.jsonl</c>, a line for each, and <c>answers.md</c>, for people.
/// Where they cannot be written, training goes on and says so once, and what is missing follows as soon as that succeeds.
/// </summary>
/// <param name="folder">The run folder.</param>
/// <param name="take">Gives the answers of the evaluation after some finished steps.</param>
/// <param name="warn">Takes the message about records that cannot be written.</param>
internal sealed class AnswerLog(string folder, Func<long, AnswerSample> take, Action<string> warn) : ITrainingObserver
{
    public const string FileName = "answers.jsonl", PageName = "answers.md";

    private readonly AppendedFile _file = new(Path.Combine(folder, FileName));
    private List<AnswerSample> _samples = [];
    private int _written;
    private bool _warned;

    /// <summary>The answers of a file, up to a step; what follows a line that is not one of them is not read.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="step">The last step that is wanted.</param>
    /// <param name="length">The bytes of what was read.</param>
    public static List<AnswerSample> Read(ReadOnlySpan<byte> bytes, long step, out int length)
    {
        List<AnswerSample> samples = [];
        for (length = 0; bytes[length..].IndexOf((byte)'\n') is var end and >= 0; length += end + 1)
        {
            try
            {
                AnswerSample? sample = JsonSerializer.Deserialize<AnswerSample>(bytes.Slice(length, end), RecordJson.Line);
                if (sample?.Answers is null || sample.Answers.Any(answer => answer?.Prompt is null || answer.Policy is null) || sample.Step > step)
                    break;
                samples.Add(sample);
            }
            catch (JsonException)
            {
                break;
            }
        }
        return samples;
    }

    /// <summary>Takes the files of an earlier run away.</summary>
    public static void Delete(string folder)
    {
        File.Delete(Path.Combine(folder, FileName));
        File.Delete(Path.Combine(folder, PageName));
    }

    public void Started(TrainingState state)
    {
        if (state.Step == 0)
            Delete(folder);
        _samples = Read(_file.Read(), state.Step, out int length);
        _written = _samples.Count;
        _file.CutTo(length);
    }

    public void Evaluated(TrainingState state, ValidationPoint evaluation)
    {
        // a resumed run evaluates anew what it was stopped behind
        int kept = _samples.FindIndex(sample => sample.Step >= evaluation.Step);
        if (kept >= 0)
        {
            _samples.RemoveRange(kept, _samples.Count - kept);
            _written = -1; // all anew
        }
        _samples.Add(take(evaluation.Step));
        try
        {
            if (_written < 0)
                _file.Replace([.. _samples.SelectMany(Line)]);
            else
                _file.Append([.. _samples.Skip(_written).SelectMany(Line)]);
            _written = _samples.Count;
            ReplacedFile.Write(Path.Combine(folder, PageName), AnswerPage.Of(_samples));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (!_warned)
                warn($"The answers in '{folder}' cannot be written: {fault.Message} Training goes on; they are written as soon as that succeeds.");
            _warned = true;
        }
    }

    private static byte[] Line(AnswerSample sample) => [.. JsonSerializer.SerializeToUtf8Bytes(sample, RecordJson.Line), (byte)'\n'];
}
