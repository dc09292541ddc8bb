namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Something that happens between steps: logging, evaluation, checkpoints, guards, records.</summary>
internal interface ITrainingObserver
{
    /// <summary>Before the first step.</summary>
    void Started(TrainingState state) { }

    /// <summary>After every step. Setting <see cref="TrainingState.StopReason"/> ends the run.</summary>
    void Stepped(TrainingState state, StepResult step) { }

    /// <summary>After a step at which averages were read.</summary>
    void Measured(TrainingState state, TrainingPoint point) { }

    /// <summary>After an evaluation.</summary>
    void Evaluated(TrainingState state, ValidationPoint evaluation) { }

    /// <summary>After a guard found something.</summary>
    void Warned(TrainingState state, TrainingWarning warning) { }

    /// <summary>
    /// After the last step, also where the run ends early, before any observer's <see cref="Ended"/>: weights and optimizer are as the last step left them.
    /// </summary>
    void Ending(TrainingState state) { }

    /// <summary>After the last step, also where the run ends early.</summary>
    void Ended(TrainingState state) { }

    /// <summary>The run broke off with an error, or was cancelled; after <see cref="Ended"/> this says nothing new.</summary>
    void Failed(TrainingState state, Exception fault) { }
}
