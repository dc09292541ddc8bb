namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

public sealed class ShippedModelTests(TrainedBakery bakery) : IClassFixture<TrainedBakery>
{
    [Fact]
    public void Ranking_BeforeTraining_IsACoinToss() =>
        bakery.Before.Accuracy.Should().BeInRange(0.4, 0.6, "both voices were learned in equal parts; 105 tosses deviate by 0.05");

    [Fact]
    public void Ranking_AfterTraining_PrefersTheFriendlyAnswer()
    {
        bakery.After.Accuracy.Should().BeGreaterThan(0.9);
        bakery.After.Margin.Should().BeGreaterThan(bakery.Before.Margin + 2);
    }

    [Fact]
    public void Answers_BeforeTraining_AreMostlyGruff() =>
        bakery.AnswersBefore.Gruff.Should().BeGreaterThan(bakery.AnswersBefore.Asked * 3 / 4);

    [Fact]
    public void Answers_AfterTraining_AreFriendly() =>
        bakery.AnswersAfter.Friendly.Should().BeGreaterThan(bakery.AnswersAfter.Asked * 3 / 4);

    [Fact]
    public void Answers_BeforeAndAfter_StateTheRightFacts()
    {
        bakery.AnswersBefore.RightFacts.Should().Be(bakery.AnswersBefore.Asked);
        bakery.AnswersAfter.RightFacts.Should().BeGreaterThanOrEqualTo(bakery.AnswersAfter.Asked - 1);
    }
}
