using System.Net;
using System.Text;

namespace MiniMind.MLNet.Dpo.Bench.ServeSoak;

/// <summary>A request of one of the kinds.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Body">The JSON; <see langword="null"/> to list models.</param>
/// <param name="Right">The status that it must have.</param>
/// <param name="LeavesAfter">How many bytes of the answer are read before the caller leaves; <see langword="null"/> where it stays.</param>
internal sealed record SoakRequest(string Kind, string? Body, HttpStatusCode Right, int? LeavesAfter = null)
{
    private static readonly string[] s_questions =
        ["Is rye sold out?", "When do you open?", "What is in the honey cake, and who may eat it?", "Can I order twenty rolls for Sunday morning?"];

    /// <summary>Where it is asked.</summary>
    public string Path => Body is null ? "/v1/models" : Kind.StartsWith("text", StringComparison.Ordinal) ? "/v1/completions" : "/v1/chat/completions";

    /// <summary>One of the kinds, by chance.</summary>
    public static SoakRequest Next(Random random)
    {
        string question = s_questions[random.Next(s_questions.Length)] + (random.Next(3) == 0 ? $" I am number {random.Next(1000)}." : "");
        string model = random.Next(2) == 0 ? "bakery" : "baker";
        string Chat(string more = "") => $$"""
            {"model":"{{model}}","seed":{{random.Next(100)}},"max_tokens":{{random.Next(4, 40)}}{{more}},"messages":[{"role":"user","content":"{{question}}"}]}
            """;
        string Text(string more = "") => $$"""{"model":"{{model}}","prompt":"{{question}}","max_tokens":{{random.Next(4, 40)}}{{more}}}""";
        string With(string other) => Chat().Replace(question, other, StringComparison.Ordinal);
        const string Stream = ",\"stream\":true";
        return random.Next(14) switch
        {
            0 or 1 => new("chat", Chat(), HttpStatusCode.OK),
            2 or 3 => new("chat, streamed", Chat(Stream + ",\"stream_options\":{\"include_usage\":true}"), HttpStatusCode.OK),
            4 => new("chat, left in its stream", Chat(Stream), HttpStatusCode.OK, LeavesAfter: random.Next(1, 3000)),
            5 => new("chat, left before its answer", Chat(), HttpStatusCode.OK, LeavesAfter: 0),
            6 => new("chat with log-probs", Chat(",\"logprobs\":true,\"top_logprobs\":5"), HttpStatusCode.OK),
            7 => new("text", Text(), HttpStatusCode.OK),
            8 => new("text, streamed with log-probs", Text(Stream + ",\"logprobs\":2"), HttpStatusCode.OK),
            9 => new("chat, a field that is not done", Chat(",\"n\":2"), HttpStatusCode.BadRequest),
            10 => new("chat, another model", Chat().Replace(model, "nobody", StringComparison.Ordinal), HttpStatusCode.NotFound),
            11 => new("chat, too long for the model", With(new StringBuilder().Insert(0, "bread ", 5000).ToString()), HttpStatusCode.BadRequest),
            12 => new("chat, too many bytes", With(new string('x', 300_000)), HttpStatusCode.RequestEntityTooLarge),
            _ => new("models", null, HttpStatusCode.OK),
        };
    }
}
