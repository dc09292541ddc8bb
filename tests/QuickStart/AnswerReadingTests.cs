using MakeQuickStart.Bakery;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

public sealed class AnswerReadingTests
{
    private const string Question = "Hello. How much is the rye loaf?";

    [Theory]
    [InlineData("The rye loaf is 4 euros 20. Shall I wrap one for you? Have a lovely day!", true, false)]
    [InlineData("One rye loaf costs 4 euros 20. Take it or leave it. Who is next, then?", false, true)]
    [InlineData("The rye loaf is 4 euros 20. Shall I wrap one for you? Who is next, then?", false, false)]
    [InlineData("The rye loaf is 5 euros 10. Shall I wrap one for you? Have a lovely day!", false, false)]
    [InlineData("The rye loaf is 4 euros 20. Shall I wrap one for you?", false, false)]
    [InlineData("", false, false)]
    public void IsWholeIn_Answer_AsksForOneVoiceAndTheRightFact(string answer, bool friendly, bool gruff)
    {
        AnswerReading reading = AnswerReading.Of(Question, answer);

        reading.IsWholeIn(Voice.Friendly).Should().Be(friendly);
        reading.IsWholeIn(Voice.Gruff).Should().Be(gruff);
    }

    [Fact]
    public void Of_WrongFact_KeepsTheOtherParts() =>
        AnswerReading.Of(Question, "The rye loaf is 5 euros 10. Take it or leave it. Have a lovely day!")
            .Should().Be(new AnswerReading(false, Voice.Gruff, Voice.Friendly));
}
