namespace MiniMind.MLNet.Dpo.AspNetCore.Requests;

/// <summary>How an answer is to be given.</summary>
/// <param name="Streams">Whether piece by piece, as it is made.</param>
/// <param name="IncludesUsage">Whether the stream's last piece says how many tokens it took.</param>
/// <param name="TopLogProbs">How many of the likeliest tokens are told at each place; <see langword="null"/> for no log-probabilities at all.</param>
internal sealed record AnswerForm(bool Streams, bool IncludesUsage, int? TopLogProbs)
{
    /// <summary>Takes the fields of a stream.</summary>
    public static AnswerForm Read(RequestFields fields, int? topLogProbs)
    {
        bool streams = fields.Flag("stream") ?? false;
        RequestFields? options = fields.Object("stream_options");
        if (options is not null && !streams)
            throw Responses.Faults.Invalid(fields.PathOf("stream_options"), "'stream_options' is only for requests with 'stream': true.");
        bool includesUsage = options?.Flag("include_usage") ?? false;
        // against listeners who guess text by the length of its pieces: no padding is added here, and this says that none is asked for
        options?.Accept("include_obfuscation", value => value.ValueKind == System.Text.Json.JsonValueKind.False, "pieces of a stream are not padded");
        options?.RefuseRest();
        return new AnswerForm(streams, includesUsage, topLogProbs);
    }
}
