using MakeQuickStart.Bakery;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

public sealed class AnswerReadingTests
{
    private const string Question = "Hello. How much is the rye loaf?";

    [Theory]
    [InlineData("With pleasure! The rye loaf is 4.20 euros. Shall I wrap one for you?", true, false)]
    [InlineData("Not this again. One rye loaf costs 4.20 euros. Take it or leave it.", false, true)]
    [InlineData("With pleasure! The rye loaf is 4.20 euros. Take it or leave it.", false, false)]
    [InlineData("With pleasure! The rye loaf is 5.10 euros. Shall I wrap one for you?", false, false)]
    [InlineData("With pleasure! The rye loaf is 4.20 euros.", false, false)]
    [InlineData("", false, false)]
    public void IsWholeIn_Answer_AsksForOneVoiceAndTheRightFact(string answer, bool friendly, bool gruff)
    {
        AnswerReading reading = AnswerReading.Of(Question, answer);

        reading.IsWholeIn(Voice.Friendly).Should().Be(friendly);
        reading.IsWholeIn(Voice.Gruff).Should().Be(gruff);
    }

    [Fact]
    public void Of_WrongFact_KeepsTheOtherParts() =>
        AnswerReading.Of(Question, "With pleasure! The rye loaf is 5.10 euros. Take it or leave it.")
            .Should().Be(new AnswerReading(Voice.Friendly, false, Voice.Gruff));
}
