namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>What guards call the things that a run is about.</summary>
/// <param name="Preferred">The answers that the policy should prefer.</param>
/// <param name="Sides">Both kinds of answers.</param>
/// <param name="Examples">What the data consists of.</param>
/// <param name="NoGradient">Why there may be no gradient at all.</param>
/// <param name="RatesThatMove">How to find a rate that moves the margin, as a sentence without its end.</param>
/// <param name="RatesThatHold">How to find a rate that the preferred answers bear, the same.</param>
internal sealed record GuardWords(string Preferred, string Sides, string Examples, string NoGradient, string RatesThatMove, string RatesThatHold)
{
    private const string Measure = "mlContext.Preferences.SuggestLearningRate measures which rates ";
    private const string Try = "Validation at two or three rates shows which ";

    /// <summary>Those of a run on pairs.</summary>
    public static GuardWords Pairs { get; } = new(
        "chosen responses", "chosen and rejected responses", "pairs", "the loss masks are empty, or both sides of the pairs are the same",
        Measure + "move the margin and which cost too much", Measure + "the chosen side bears");

    /// <summary>Those of a run on single answers, whose rates nothing measures by itself.</summary>
    public static GuardWords Feedback { get; } = new(
        "good answers", "good and bad answers", "answers", "the loss masks are empty", Try + "moves held-out answers and which costs too much",
        Try + "the good answers bear");
}
