using MakeQuickStart.Bakery;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

public sealed class BakeryDataTests
{
    private static readonly BakeryData s_data = BakeryData.Create(seed: 5);

    [Fact]
    public void Create_SameSeed_GivesTheSame()
    {
        BakeryData again = BakeryData.Create(seed: 5);

        again.Train.Should().Equal(s_data.Train);
        again.HeldOut.Should().Equal(s_data.HeldOut);
        again.Conversations.SelectMany(turns => turns).Should().Equal(s_data.Conversations.SelectMany(turns => turns));
    }

    [Fact]
    public void Create_AnotherSeed_GivesOthers() => BakeryData.Create(seed: 6).Train.Should().NotEqual(s_data.Train);

    [Fact]
    public void Create_Questions_AreAskedOnceInThePreferences() =>
        s_data.Train.Concat(s_data.HeldOut).Select(preference => preference.Question).Should().OnlyHaveUniqueItems();

    [Fact]
    public void Create_HeldOutQuestions_AreInNoConversation() =>
        s_data.Conversations.SelectMany(turns => turns).Select(turn => turn.Question).Should()
            .NotIntersectWith(s_data.HeldOut.Select(preference => preference.Question));

    [Fact]
    public void Create_HeldOutMatters_AreNotTrainedOn()
    {
        IEnumerable<Matter> trained = s_data.Train.Select(preference => Matters.Of(preference.Question)).Distinct();

        trained.Should().NotIntersectWith(s_data.HeldOut.Select(preference => Matters.Of(preference.Question)));
    }

    [Fact]
    public void Create_HeldOutMattersReadOffTheQuestion_AreInNoConversation()
    {
        IEnumerable<Matter> heldOut = s_data.HeldOut.Select(preference => Matters.Of(preference.Question)).Where(matter => matter.FromPrompt);

        s_data.Conversations.SelectMany(turns => turns).Select(turn => Matters.Of(turn.Question)).Should().NotIntersectWith(heldOut);
    }

    [Fact]
    public void Create_Preferences_StateTheFactInBothVoices()
    {
        foreach (Preference preference in s_data.Train.Concat(s_data.HeldOut))
        {
            AnswerReading.Of(preference.Question, preference.Chosen).IsWholeIn(Voice.Friendly).Should().BeTrue();
            AnswerReading.Of(preference.Question, preference.Rejected).IsWholeIn(Voice.Gruff).Should().BeTrue();
        }
    }

    [Fact]
    public void Create_Conversations_HaveBothVoicesEquallyOften()
    {
        double friendly = s_data.Conversations.SelectMany(turns => turns)
            .Average(turn => AnswerReading.Of(turn.Question, turn.Answer).Remark == Voice.Friendly ? 1.0 : 0.0);

        friendly.Should().BeApproximately(0.5, 0.015, "three standard deviations of 10,800 coin tosses");
    }

    [Fact]
    public void Create_Preferences_BeginWithTheSameWords() => s_data.Train.Concat(s_data.HeldOut).Should().OnlyContain(preference =>
        Matters.Of(preference.Question).Facts.Any(fact => preference.Chosen.StartsWith(fact + " ") && preference.Rejected.StartsWith(fact + " ")));

    [Fact]
    public void Remarks_OfOneIntent_DifferInTheirFirstWord()
    {
        foreach (Intent intent in Enum.GetValues<Intent>())
        {
            Phrases.Remarks(Voice.Friendly, intent).Concat(Phrases.Remarks(Voice.Gruff, intent)).Select(remark => remark.Split(' ')[0])
                .Should().OnlyHaveUniqueItems("the first word of {0} tells who speaks", intent).And.HaveCount(10);
        }
    }

    [Fact]
    public void Create_HeldOut_BeginsWithOneOfEachIntent() =>
        s_data.HeldOut.Take(7).Select(preference => Matters.Of(preference.Question).Intent).Should().BeEquivalentTo(Enum.GetValues<Intent>());
}
