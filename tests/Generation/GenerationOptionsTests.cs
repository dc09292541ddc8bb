namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Which options are taken, up to their borders, and how the others are refused.</summary>
public class GenerationOptionsTests
{
    public static TheoryData<string, GenerationOptions> Valid => new()
    {
        { "the defaults", new() },
        { "greedy", GenerationOptions.Greedy },
        { "one token", new() { MaxNewTokens = 1 } },
        { "temperature 0", new() { Temperature = 0 } },
        { "the smallest top-p", new() { TopP = double.Epsilon } },
        { "all of top-p", new() { TopP = 1 } },
        { "no top-k", new() { TopK = 0 } },
        { "the smallest repetition penalty", new() { RepetitionPenalty = double.Epsilon } },
        { "penalties below 0", new() { FrequencyPenalty = -2, PresencePenalty = -2 } },
        { "log-probs of the answer's tokens alone", new() { TopLogProbs = 0 } },
        { "dropping", new() { Overflow = ContextOverflow.DropOldestTurns } },
    };

    public static TheoryData<string, GenerationOptions> Invalid => new()
    {
        { "MaxNewTokens is 0; it must be at least 1", new() { MaxNewTokens = 0 } },
        { "Temperature is -0.1; it must be 0 or more", new() { Temperature = -0.1 } },
        { "Temperature is NaN; *", new() { Temperature = double.NaN } },
        { "Temperature is Infinity; *", new() { Temperature = double.PositiveInfinity } },
        { "TopP is 0; it must be above 0 and at most 1", new() { TopP = 0 } },
        { "TopP is 1.01; *", new() { TopP = 1.01 } },
        { "TopP is NaN; *", new() { TopP = double.NaN } },
        { "TopK is -1; it must be 0 or more", new() { TopK = -1 } },
        { "RepetitionPenalty is 0; it must be above 0", new() { RepetitionPenalty = 0 } },
        { "RepetitionPenalty is NaN; *", new() { RepetitionPenalty = double.NaN } },
        { "RepetitionPenalty is Infinity; *", new() { RepetitionPenalty = double.PositiveInfinity } },
        { "FrequencyPenalty is NaN; it must be a number", new() { FrequencyPenalty = double.NaN } },
        { "PresencePenalty is -Infinity; it must be a number", new() { PresencePenalty = double.NegativeInfinity } },
        { "TopLogProbs is -1; it must be 0 or more", new() { TopLogProbs = -1 } },
        { "Overflow is 7; it must be Refuse or DropOldestTurns", new() { Overflow = (ContextOverflow)7 } },
        { "MaxNewTokens is 0; *; TopK is -1; *", new() { MaxNewTokens = 0, TopK = -1 } },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void Validate_ValuesUpToTheirBorders_AreTaken(string what, GenerationOptions options) =>
        FluentActions.Invoking(options.Validate).Should().NotThrow("{0} is an option", what);

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Validate_ValuesBeyondThem_AreNamed(string faults, GenerationOptions options) =>
        FluentActions.Invoking(options.Validate).Should().Throw<ArgumentException>().WithMessage($"The generation options are not valid: {faults}*");

    [Fact]
    public void Greedy_TakesOfAllTokens() => GenerationOptions.Greedy.Should().Be(new GenerationOptions { Temperature = 0, TopP = 1, TopK = 0 });
}
