using Microsoft.Extensions.Logging;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Reports;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What keeps the records of a run, as the options say.</summary>
internal static class RecordKeeping
{
    private static readonly EventId s_recordsIncomplete = new(10, "RecordsIncomplete");

    /// <summary>Puts the run directory, the log and the telemetry together.</summary>
    /// <param name="options">What is wanted.</param>
    /// <param name="describe">Describes the run; called only where a run directory is.</param>
    /// <param name="answers">Answers prompts at evaluations, where something does.</param>
    /// <param name="channel">Takes warnings.</param>
    public static IReadOnlyList<ITrainingObserver> Create(
        TrainingOptions options, Func<RunDescription> describe, AnswerSampler? answers, IChannel channel)
    {
        List<ITrainingObserver> records = [new TrainingInstruments(options switch
        {
            SftTrainer.Options => "sft",
            KtoTrainer.Options => "kto",
            _ => "dpo",
        }, options.RunDirectory?.Name)];
        if (options.Logger is not null)
            records.Add(new TrainingLog(options.Logger));
        if (options.RunDirectory is { } directory)
        {
            records.Add(new RunDirectory(directory, describe, Warn, TimeProvider.System));
            if (answers is not null && directory.Files.HasFlag(RunFiles.Answers))
                records.Add(new AnswerLog(directory.Folder, answers.Sample, Warn));
        }

        records.Add(new MeasurementReporter([.. records.OfType<IMetricSink>()]));
        if (options.RunDirectory is { } reported && reported.Files.HasFlag(RunFiles.Report))
            records.Add(new ReportAtEnd(reported.Folder, Warn)); // the last, so that it reads what the others have written
        return records;

        void Warn(string message)
        {
            channel.Warning(MessageSensitivity.None, "{0}", message);
            options.Logger?.LogWarning(s_recordsIncomplete, "{Message}", message);
        }
    }
}
