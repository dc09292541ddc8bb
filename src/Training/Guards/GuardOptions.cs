namespace MiniMind.MLNet.Dpo;

/// <summary>What watches over a run. Each guard speaks up once.</summary>
/// <remarks>
/// <see cref="NoLearning"/>, <see cref="ChosenCollapse"/> and <see cref="MarginExplosion"/> look at preferences, in runs on pairs and on feedback, where
/// chosen are the good answers; they have nothing to look at in supervised runs. <see cref="EasyPairs"/> looks at pairs alone,
/// <see cref="OneSidedFeedback"/> and <see cref="StuckBaseline"/> at feedback alone. <see cref="LengthDrift"/> needs
/// <see cref="ValidationOptions.SamplePrompts"/>.
/// </remarks>
public sealed class GuardOptions
{
    /// <summary>
    /// The loss stays where it started (at ln 2, for the sigmoid loss): the learning rate is too small for the steps, or there is nothing to learn.
    /// </summary>
    public GuardAction NoLearning { get; init; } = GuardAction.Warn;

    /// <summary>
    /// The chosen responses' log-probability falls by more than <see cref="MaxChosenDrop"/> and by more than the margin gains per token, or by three times
    /// <see cref="MaxChosenDrop"/> whatever the margin gains.
    /// </summary>
    public GuardAction ChosenCollapse { get; init; } = GuardAction.Warn;

    /// <summary>The mean reward margin exceeds <see cref="MaxMargin"/>: the run overfits.</summary>
    public GuardAction MarginExplosion { get; init; } = GuardAction.Warn;

    /// <summary>A loss or gradient is infinite or not a number; the message names the pairs. By default the run stops.</summary>
    public GuardAction NonFinite { get; init; } = GuardAction.Stop;

    /// <summary>Greedy answers to validation prompts become longer or shorter by more than <see cref="MaxLengthRatio"/>.</summary>
    public GuardAction LengthDrift { get; init; } = GuardAction.Warn;

    /// <summary>
    /// The reference itself prefers the chosen side in more than <see cref="MaxReferenceAccuracy"/> of the pairs. It looks before the first step, so rolling
    /// back is stopping.
    /// </summary>
    public GuardAction EasyPairs { get; init; } = GuardAction.Warn;

    /// <summary>
    /// Feedback has no good or no bad answers, or weighs one much more than the other. It looks before the first step, so rolling back is stopping.
    /// </summary>
    public GuardAction OneSidedFeedback { get; init; } = GuardAction.Warn;

    /// <summary>KTO's baseline stays at 0 although the policy has moved; rolling back is stopping.</summary>
    public GuardAction StuckBaseline { get; init; } = GuardAction.Warn;

    /// <summary>The most that the chosen responses may lose since the start, nats per token.</summary>
    public double MaxChosenDrop { get; init; } = 1;

    /// <summary>The largest mean reward margin; at 10 the sigmoid loss is 4.5e-5 and there is nothing left to gain.</summary>
    public double MaxMargin { get; init; } = 10;

    /// <summary>How many times longer, or shorter, answers may become.</summary>
    public double MaxLengthRatio { get; init; } = 2;

    /// <summary>The largest share of pairs that the reference may get right by itself.</summary>
    public double MaxReferenceAccuracy { get; init; } = 0.95;

    /// <summary>
    /// Steps between the points that <see cref="GuardAction.RollBack"/> goes back to, taken at the next measurement. They cost memory only where a guard may
    /// roll back.
    /// </summary>
    public int RollBackSteps { get; init; } = 50;

    /// <summary>No guard at all.</summary>
    public static GuardOptions None { get; } = new()
    {
        NoLearning = GuardAction.Off, ChosenCollapse = GuardAction.Off, MarginExplosion = GuardAction.Off,
        NonFinite = GuardAction.Off, LengthDrift = GuardAction.Off, EasyPairs = GuardAction.Off, OneSidedFeedback = GuardAction.Off,
        StuckBaseline = GuardAction.Off,
    };

    /// <summary>Whether some guard may go back to earlier weights.</summary>
    internal bool RollsBack => new[] { NoLearning, ChosenCollapse, MarginExplosion, NonFinite, LengthDrift }.Contains(GuardAction.RollBack);

    internal IEnumerable<string> Faults()
    {
        if (!(MaxChosenDrop > 0))
            yield return $"{nameof(MaxChosenDrop)} is {MaxChosenDrop}; it must be above 0";
        if (!(MaxMargin > 0))
            yield return $"{nameof(MaxMargin)} is {MaxMargin}; it must be above 0";
        if (!(MaxLengthRatio > 1))
            yield return $"{nameof(MaxLengthRatio)} is {MaxLengthRatio}; it must be above 1";
        if (!(MaxReferenceAccuracy is > 0 and <= 1))
            yield return $"{nameof(MaxReferenceAccuracy)} is {MaxReferenceAccuracy}; it must be above 0 and at most 1";
        if (RollBackSteps < 1)
            yield return $"{nameof(RollBackSteps)} is {RollBackSteps}; it must be at least 1";
    }
}
