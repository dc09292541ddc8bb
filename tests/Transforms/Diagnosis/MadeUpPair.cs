namespace MiniMind.MLNet.Dpo.Tests.Transforms.Diagnosis;

internal sealed record MadeUpPair(long Line, string Prompt, string Chosen, string Rejected)
{
    public string? System { get; init; }

    public MadeUpRow ToRow() => new()
    {
        LineNumber = Line, Chosen = MadeUpPairs.Conversation(Prompt, Chosen, System), Rejected = MadeUpPairs.Conversation(Prompt, Rejected, System),
    };
}
