using System.Globalization;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Writes the files of a run directory. Where one cannot be written any more, training goes on and says so once.</summary>
/// <param name="options">Where, and which files.</param>
/// <param name="description">What is trained; asked for once, before the first step.</param>
/// <param name="warn">Takes the message about records that cannot be written.</param>
/// <param name="clock">What time it is.</param>
internal sealed class RunDirectory(RunDirectoryOptions options, Func<RunDescription> description, Action<string> warn, TimeProvider clock)
    : ITrainingObserver, IMetricSink
{
    private readonly Dictionary<string, double> _latest = [];
    private readonly TrainingCurves? _curves = options.Files.HasFlag(RunFiles.Curves) ? new TrainingCurves() : null;
    private List<MeasurementQueue> _files = [];
    private RunRecord? _record;
    private int _undrawn;
    private bool _warned;

    private string RecordPath => Path.Combine(options.Folder, RunRecord.FileName);

    public void Started(TrainingState state)
    {
        Directory.CreateDirectory(options.Folder);
        _files = [.. Files().Select(file => new MeasurementQueue(file, Warn))];
        foreach (MeasurementQueue file in _files)
            file.CutBack(state.Step);
        (DateTimeOffset? startedAt, IReadOnlyList<RunResumption> resumptions) = state.Step == 0 ? (null, []) : RunRecord.Earlier(RecordPath);
        _record = new RunRecord
        {
            Status = RunStatus.Running, StartedAt = startedAt ?? clock.GetUtcNow(), Steps = state.Step, TotalSteps = state.TotalSteps,
            ElapsedSeconds = state.EarlierTime.TotalSeconds,
            Resumptions = state.Step == 0 ? [] : [.. resumptions, new RunResumption(state.Step, clock.GetUtcNow())],
            Warnings = [.. state.Warnings], Run = description(), Versions = RunVersions.Current, Machine = MachineDescription.Current,
        };
        _curves?.Objective = _record.Run.Objective;
        foreach (TrainingPoint point in state.History)
            Remember(point.Step, point.Metrics);
        foreach (ValidationPoint evaluation in state.Evaluations)
            Remember(evaluation.Step, evaluation.Prefixed());
        try
        {
            WriteRecord();
            if (state.Step == 0)
                WriteSamples(_record.Run);
        }
        catch (IOException fault) when (DiskSpace.IsExhausted(fault))
        {
            Warn(fault); // a folder that cannot be written for another reason is better known now than in the morning
        }
    }

    public void Write(long step, IReadOnlyDictionary<string, double> values, TimeSpan elapsed)
    {
        Measurement measurement = new(step, elapsed, clock.GetUtcNow(), values);
        foreach (MeasurementQueue file in _files)
            file.Add(measurement);
        Remember(step, values);
        if (_record!.Status != RunStatus.Running)
            Conclude(_record); // an evaluation of the trained model
        else if (++_undrawn >= (options.CurvesInterval ?? RunDirectoryOptions.DefaultCurvesInterval))
            Draw(step, elapsed);
    }

    public void Warned(TrainingState state, TrainingWarning warning)
    {
        _record = _record! with { Warnings = [.. _record.Warnings, warning] };
        Attempt(WriteRecord);
    }

    public void Ended(TrainingState state) => End(state, state.StopReason is null ? RunStatus.Completed : RunStatus.Stopped, null);

    public void Failed(TrainingState state, Exception fault)
    {
        if (_record?.Status == RunStatus.Running)
            End(state, RunStatus.Failed, $"{fault.GetType().FullName}: {fault.Message}");
    }

    // those of an earlier run in the same folder go
    private void WriteSamples(RunDescription run)
    {
        Func<object>? masks = options.Files.HasFlag(RunFiles.Masks) ? run.Masks : null;
        Func<object>? diagnosis = options.Files.HasFlag(RunFiles.Diagnosis) ? run.Diagnosis : null;
        foreach ((string name, Func<object>? make) in new[] { (MaskSample.FileName, masks), (DiagnosisSample.FileName, diagnosis) })
        {
            string path = Path.Combine(options.Folder, name);
            if (make is null)
                File.Delete(path);
            else
                ReplacedFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(make(), RecordJson.Indented));
        }
        if (!options.Files.HasFlag(RunFiles.Answers))
            AnswerLog.Delete(options.Folder);
    }

    private void Remember(long step, IReadOnlyDictionary<string, double> values)
    {
        foreach ((string name, double value) in values)
            _latest[name] = value;
        _curves?.Add(step, values);
    }

    private void End(TrainingState state, RunStatus status, string? error)
    {
        foreach (MeasurementQueue file in _files)
            file.Write();
        Conclude(_record! with
        {
            Status = status,
            EndedAt = clock.GetUtcNow(),
            Steps = state.Step,
            ElapsedSeconds = state.Elapsed.TotalSeconds,
            StopReason = state.StopReason,
            Error = error,
        });
    }

    private void Conclude(RunRecord record)
    {
        _record = record with { Metrics = _latest };
        Attempt(WriteRecord);
        Draw(record.Steps, TimeSpan.FromSeconds(record.ElapsedSeconds));
    }

    private void Draw(long step, TimeSpan elapsed)
    {
        _undrawn = 0;
        if (_curves is null)
            return;
        string time = elapsed.ToString(elapsed.TotalDays < 1 ? @"h\:mm\:ss" : @"d\.hh\:mm\:ss", CultureInfo.InvariantCulture);
        string title = string.Create(CultureInfo.InvariantCulture, $"{options.Name}: step {step:N0} of {_record!.TotalSteps:N0} after {time}");
        Attempt(() => ReplacedFile.Write(Path.Combine(options.Folder, TrainingCurves.FileName), _curves.Draw(title)));
    }

    private void WriteRecord()
    {
        if (options.Files.HasFlag(RunFiles.RunJson))
            ReplacedFile.Write(RecordPath, _record!.ToJson());
    }

    private void Attempt(Action write)
    {
        try
        {
            write();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Warn(fault);
        }
    }

    private void Warn(Exception fault)
    {
        if (_warned)
            return;
        _warned = true;
        warn($"The records in '{options.Folder}' cannot be written: {fault.Message} Training goes on; measurements wait in memory and are written as soon " +
            $"as that succeeds.");
    }

    private IEnumerable<IMeasurementFile> Files()
    {
        if (options.Files.HasFlag(RunFiles.MetricsJsonl))
            yield return new MetricsJsonl(options.Folder);
        if (options.Files.HasFlag(RunFiles.MetricsCsv))
            yield return new MetricsCsv(options.Folder);
        if (options.Files.HasFlag(RunFiles.TensorBoard))
            yield return new EventFile(options.Folder, clock);
    }
}
