namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>The known ways of giving the answers, in the order in which a row is tried.</summary>
internal static class AnswerShapes
{
    /// <summary>The first that matches a row reads it; what it leaves is checked against what it read.</summary>
    public static IReadOnlyList<AnswerShape> All { get; } =
    [
        new ChosenRejectedShape("chosen", "rejected"),
        new ChosenRejectedShape("preferred_output", "non_preferred_output"), // OpenAI's preference fine-tuning
        new ChosenRejectedShape("response_j", "response_k"), // stack-exchange-paired: j is the better
        new RejectedResponseShape(),
        new VerdictShape("response_1", "response_2", Verdict.SignOf("preference_strength")), // HelpSteer2
        new VerdictShape("response1", "response2", Verdict.SignOf("overall_preference")), // HelpSteer3
        new VerdictShape("response_0", "response_1", Verdict.IndexIn("better_response_id")), // PKU-SafeRLHF
        new VerdictShape("human_ref_A", "human_ref_B", Verdict.FirstIfOne("labels")), // SHP
        new VerdictShape("answer_0", "answer_1", Verdict.HigherOf("score_0", "score_1")), // WebGPT comparisons
        new VerdictShape("response_a", "response_b", Verdict.WinnerIn("winner")),
        new VerdictShape("conversation_a", "conversation_b", Verdict.WinnerIn("winner")), // Chatbot Arena
        new RankedAnswersShape(),
        new ScoredAnswersShape(),
        new OutputPairShape(),
    ];
}
