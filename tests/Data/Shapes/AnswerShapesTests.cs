using MiniMind.MLNet.Dpo.Data;
using static MiniMind.MLNet.Dpo.Tests.Data.JsonlLines;

namespace MiniMind.MLNet.Dpo.Tests.Data.Shapes;

public class AnswerShapesTests
{
    private const string Good = "user: q | assistant: good";
    private const string Bad = "user: q | assistant: bad";

    [Theory]
    [InlineData("""{"prompt": "q", "response_1": "good", "response_2": "bad", "preference_strength": -1, "split": "train"}""")]
    [InlineData("""{"prompt": "q", "response_1": "bad", "response_2": "good", "preference_strength": "3"}""")]
    [InlineData(
        """{"context": [{"role": "user", "content": "q"}], "response1": "good", "response2": "bad", "overall_preference": -2, "individual_preference": """ +
        """[{"score": -2, "reasoning": "it is better"}], "domain": "code", "language": "python"}""")]
    [InlineData(
        """{"prompt": "q", "response_0": "good", "response_1": "bad", "better_response_id": 0, "safer_response_id": 1, "is_response_0_safe": """ +
        """true, "prompt_source": "BeaverTails", "response_0_harm_category": {"a": false}}""")]
    [InlineData("""{"prompt": "q", "response_0": "bad", "response_1": "good", "better_response_id": 1}""")]
    [InlineData("""{"history": "q", "human_ref_A": "good", "human_ref_B": "bad", "labels": 1, "post_id": "x", "domain": "askacademia_train"}""")]
    [InlineData("""{"history": "q", "human_ref_A": "bad", "human_ref_B": "good", "labels": 0}""")]
    [InlineData("""{"question": "q", "answer_0": "bad", "answer_1": "good", "score_0": -0.5, "score_1": 0.5}""")]
    [InlineData("""{"prompt": "q", "response_a": "bad", "response_b": "good", "winner": "model_b"}""")]
    [InlineData(
        """{"conversation_a": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "good"}], "conversation_b": """ +
        """[{"role": "user", "content": "q"}, {"role": "assistant", "content": "bad"}], "winner": "model_a", "model_a": "x", "turn": 1}""")]
    [InlineData("""{"question": "q", "response_j": "good", "response_k": "bad", "qid": 5}""")]
    [InlineData("""{"instruction": "q", "input": "", "output": ["good", "bad"]}""")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "good"}], "rejected_response": "bad"}""")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "good"}], "rejected_response": ["bad"]}""")]
    [InlineData(
        """{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "good"}], "rejected_messages": """ +
        """[{"role": "user", "content": "q"}, {"role": "assistant", "content": "bad"}]}""")]
    [InlineData("""{"prompt": "q", "answers": [{"answer": "bad", "rank": 2.0, "model": "a"}, {"answer": "good", "rank": 1.0, "model": "b"}]}""")]
    [InlineData("""{"prompt": "q", "answers": "[{'answer': 'bad', 'rank': 2.0}, {'answer': 'good', 'rank': 1.0}]"}""")]
    [InlineData("""{"instruction": "q", "completions": [{"response": "bad", "overall_score": 3.5}, {"response": "good", "overall_score": 8}]}""")]
    [InlineData("""{"prompt": "q", "responses": ["bad", "good"], "scores": [1, "2"]}""")]
    [InlineData("""{"prompt": "q", "responses": ["bad", "good"], "ranks": [2, 1]}""")]
    [InlineData("""{"prompt": "q", "chosen": {"role": "assistant", "content": "good"}, "rejected": {"role": "assistant", "content": "bad"}}""")]
    [InlineData(
        """{"prompt": "q", "chosen": {"messages": [{"role": "assistant", "content": "good"}]}, "rejected": {"messages": """ +
        """[{"role": "assistant", "content": "bad"}]}}""")]
    [InlineData("""{"prompt": "q", "chosen": "{'from': 'gpt', 'value': 'good'}", "rejected": "{'from': 'gpt', 'value': 'bad'}"}""")]
    [InlineData(
        """{"prompt": "q", "chosen": [{"from": "gpt", "value": "good"}], "rejected": [{"role": "assistant", "content": [{"type": "text", "text": "b"}, """ +
        """{"type": "text", "text": "ad", "image_url": null}]}]}""")]
    [InlineData("""{"chosen": "Human: q\n\nAssistant: good", "rejected": "Human: q\n\nAssistant: bad"}""")]
    [InlineData("""{"prompt": "\n\nHuman: q\n\nAssistant:", "chosen": "\n\nHuman: q\n\nAssistant: good", "rejected": "\n\nHuman: q\n\nAssistant: bad"}""")]
    public void Read_AnswersInManyForms_GivesThePair(string line) => Said(line).Should().Be((Good, Bad));

    [Fact]
    public void Read_RankingOfThree_GivesEveryPairAndCountsTies()
    {
        JsonlDataView view = Pairs("""{"prompt": "q", "answers": [{"answer": "a", "rank": 1}, {"answer": "b", "rank": 2}, {"answer": "c", "rank": 2}]}""",
            """{"prompt": "q", "response_1": "a", "response_2": "b", "preference_strength": 0}""");
        Texts(view, "Chosen").Select(InWords).Should().Equal("user: q | assistant: a", "user: q | assistant: a");
        Texts(view, "Rejected").Select(InWords).Should().Equal("user: q | assistant: b", "user: q | assistant: c");
        LineNumbers(view).Should().Equal(1, 1);
        (view.Report!.GoodRowCount, view.Report.TieCount, view.Report.BadRowCount).Should().Be((2, 2, 0));
        view.Report.ToString().Should().Be("all 2 rows are good; 2 pairs of answers left out as ties");
        BadRowReport.Find(view.Schema)!.TieCount.Should().Be(2, "the count travels with the schema");
    }

    [Theory]
    [InlineData("""{"prompt": "q", "answers": [{"answer": "mid", "rank": 2}, {"answer": "good", "rank": 1}, {"answer": "bad", "rank": 3}]}""")]
    [InlineData("""{"prompt": "q", "chosen": ["good", "mid"], "rejected": ["poor", "bad"]}""")]
    [InlineData(
        """{"prompt": "q", "answers": [{"answer": "mid", "rank": 2}, {"answer": "good", "rank": 1}, {"answer": "as good", "rank": 1}, """ +
        """{"answer": "bad", "rank": 3}, {"answer": "as bad", "rank": 3}]}""")] // of equals the first
    public void Read_BestAgainstWorst_GivesOnePair(string line) =>
        Said(new PreferenceFileOptions { Rankings = RankingPairs.BestAgainstWorst }, line).Should().Equal((Good, Bad));

    [Fact]
    public void Read_BadPairOfARankingWhenSkipping_LeavesTheOthers()
    {
        JsonlDataView view = Pairs(new PreferenceFileOptions { BadRows = BadRowPolicy.Skip },
            """{"prompt": "q", "answers": [{"answer": "a", "rank": 1}, {"answer": " ", "rank": 2}, {"answer": "c", "rank": 3}]}""",
            """{"prompt": "q", "chosen": "d", "rejected": "e"}""");
        Texts(view, "Chosen").Select(InWords).Should().Equal("user: q | assistant: a", "user: q | assistant: d");
        Texts(view, "Rejected").Select(InWords).Should().Equal("user: q | assistant: c", "user: q | assistant: e");
        view.Report!.Rows.Select(row => (row.LineNumber, row.Reason)).Should().Equal((1, BadRowReason.EmptyAnswer), (1, BadRowReason.EmptyAnswer));
    }

    [Fact]
    public void Read_RankingWithTies_GivesTheOtherPairsAndCountsTheTies()
    {
        JsonlDataView view = Pairs(new PreferenceFileOptions(),
            """{"prompt": "q", "answers": [{"answer": "a", "rank": 1}, {"answer": "b", "rank": 2}, {"answer": "c", "rank": 2}, {"answer": "d", "rank": 1}]}""");

        Texts(view, "Chosen").Select(InWords).Should().Equal(
            "user: q | assistant: a", "user: q | assistant: a", "user: q | assistant: d", "user: q | assistant: d");
        Texts(view, "Rejected").Select(InWords).Should().Equal(
            "user: q | assistant: b", "user: q | assistant: c", "user: q | assistant: b", "user: q | assistant: c");
        view.Report!.TieCount.Should().Be(2);
    }

    [Fact]
    public void Read_BestAgainstWorstOfEquals_IsOneTie()
    {
        JsonlDataView view = Pairs(new PreferenceFileOptions { Rankings = RankingPairs.BestAgainstWorst },
            """{"prompt": "q", "answers": [{"answer": "a", "rank": 1}, {"answer": "b", "rank": 1}, {"answer": "c", "rank": 1}]}""",
            """{"prompt": "q", "chosen": "d", "rejected": "e"}""");

        Texts(view, "Chosen").Select(InWords).Should().Equal("user: q | assistant: d");
        view.Report!.TieCount.Should().Be(1);
    }

    [Fact]
    public void Read_OnlyTies_SaysWhyThereAreNoRows() =>
        Fault("""{"prompt": "q", "response_1": "a", "response_2": "b", "preference_strength": 0}""")
            .Message.Should().Be("dpo.jsonl: there are no rows to read: 1 pair of answers left out as ties. A line holds one JSON object.");

    [Theory]
    [InlineData("""{"prompt": "q", "response_1": "a", "response_2": "b", "preference_strength": "much"}""", BadRowReason.WrongType,
        "'preference_strength' is \"much\"; it must be a number, below 0 where the first answer is better")]
    [InlineData("""{"prompt": "q", "response_0": "a", "response_1": "b", "better_response_id": 2}""", BadRowReason.WrongType,
        "'better_response_id' is 2; it must be 0 or 1, the better answer's index.")]
    [InlineData("""{"prompt": "q", "response_a": "a", "response_b": "b", "winner": "c"}""", BadRowReason.WrongType,
        "'winner' is \"c\"; it must be 'a', 'b', 'model_a', 'model_b' or 'tie'.")]
    [InlineData("""{"prompt": "q", "answers": [{"answer": "a", "rank": 1}]}""", BadRowReason.MissingField,
        "'answers' has one answer; a ranking needs two at least.")]
    [InlineData("""{"prompt": "q", "answers": [{"answer": "a", "rank": 1}, {"answer": "b"}]}""", BadRowReason.WrongType, "'answers[1].rank' is no number;")]
    [InlineData("""{"prompt": "q", "answers": [{"answer": "a", "rank": 1}, {"rank": 2}]}""", BadRowReason.MissingField,
        "'answers[1]' has no 'answer', which the first of the answers has.")]
    [InlineData("""{"prompt": "q", "responses": ["a", "b"], "scores": [1]}""", BadRowReason.WrongType, "'responses' has 2 answers and 'scores' 1 values;")]
    [InlineData("""{"prompt": "q", "responses": ["a", "b"], "scores": [1, "x"]}""", BadRowReason.WrongType, "'scores[1]' is no number;")]
    [InlineData("""{"answers": [{"answer": "q a", "rank": 1}, {"answer": "q b", "rank": 2}]}""", BadRowReason.MissingPrompt,
        "the row has a list of answers with their ranks or scores, and no prompt;")]
    [InlineData("""{"id": 1, "chosen": ["q a", "q c"], "rejected": ["q b"]}""", BadRowReason.MissingPrompt,
        "the row has answers in 'chosen' and 'rejected', and no prompt;")]
    [InlineData("""{"instruction": "q", "output": ["a", "b", "c"]}""", BadRowReason.WrongType, "'output' has 3 answers; a pair has two, the better first.")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}], "rejected_response": "b"}""", BadRowReason.LastTurnNotAssistant,
        "'messages' does not end with the assistant's message, whose rival 'rejected_response' is.")]
    [InlineData("""{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "rejected_response": ""}""",
        BadRowReason.EmptyAnswer, "'rejected_response' is empty;")]
    [InlineData("""{"prompt": "q", "chosen": "a", "rejected": "b", "answers": [{"answer": "a text", "rank": 1}, {"answer": "b", "rank": 2}]}""",
        BadRowReason.UnreadField, "the row has 'answers', which may be part of the conversation")]
    [InlineData("""{"prompt": "q", "chosen": "[{'role': 'assistant', 'content': 'a'}]", "rejected": "b"}""", BadRowReason.WrongType,
        "'chosen' is a message list and 'rejected' is a string; both must be of the same kind.")]
    [InlineData("""{"prompt": "q", "chosen": "[{'role': 'assistant', 'content': 'a'}", "rejected": "b"}""", BadRowReason.WrongType,
        "'chosen' is a string that begins as a stored message list, ")]
    [InlineData("""{"chosen": "\n\nHuman: q\n\nAssistant: a", "rejected": "b"}""", BadRowReason.WrongType, "one side is a transcript")]
    [InlineData(
        """{"prompt": "q", "chosen": [{"role": "assistant", "content": ["a", {"type": "image"}]}], "rejected": [{"role": "assistant", "content": "b"}]}""",
        BadRowReason.WrongType, "'chosen[0].content[1]' is of type 'image'; only parts of type 'text' can be read.")]
    [InlineData("""{"prompt": "q", "chosen": [{"role": "assistant", "content": [{"type": "text", "text": "a", "image_url": "u"}]}], "rejected": "b"}""",
        BadRowReason.WrongType, "'chosen[0].content[0]' has 'image_url' beside its text, which would be left out;")]
    public void Read_ContradictoryAnswers_AreRefusedWithTheReason(string line, BadRowReason reason, string message)
    {
        PreferenceDataException fault = Fault(line);
        fault.Message.Should().StartWith($"dpo.jsonl:1: {message}");
        fault.Reason.Should().Be(reason);
    }

    [Fact]
    public void Read_FaultOfATranslatedRow_SaysWhatTheRowWasTakenFor() =>
        Fault("""{"question": "q", "response_j": "good", "response_k": ""}""").Message.Should()
            .Be("dpo.jsonl:1: 'rejected' is empty; the answer needs text or 'tool_calls'. The row was taken for: the prompt in 'question', answers in " +
                "'response_j' and 'response_k'.");
}
