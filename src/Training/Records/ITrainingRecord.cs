using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Something that keeps or passes on what is measured: a directory, a log, telemetry.</summary>
internal interface ITrainingRecord : IMetricSink
{
    /// <summary>Before the first step.</summary>
    void Started(TrainingState state);

    /// <summary>After every step.</summary>
    void Stepped(TrainingState state, StepResult step) { }

    /// <summary>After a guard found something.</summary>
    void Warned(TrainingWarning warning) { }

    /// <summary>After the last step, also where the run ends early; evaluations may follow.</summary>
    void Ended(TrainingState state) { }

    /// <summary>The run broke off with an error.</summary>
    void Failed(TrainingState state, Exception fault) { }
}
