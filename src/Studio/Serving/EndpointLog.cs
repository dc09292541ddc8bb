using Microsoft.Extensions.Logging;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>What is logged: never what anyone wrote, nor what a model did.</summary>
internal static partial class EndpointLog
{
    /// <summary>The category.</summary>
    public const string Category = "MiniMind.MLNet.Dpo.AspNetCore";

    [LoggerMessage(1, LogLevel.Debug, "{Model}: {PromptTokens} tokens read, {AnswerTokens} written, ended by {Finish}.")]
    public static partial void Answered(this ILogger logger, string model, long promptTokens, long answerTokens, string? finish);

    [LoggerMessage(2, LogLevel.Debug, "Refused with {Status}, {Code}.")]
    public static partial void Refused(this ILogger logger, int status, string? code);

    [LoggerMessage(3, LogLevel.Debug, "The caller left before the answer's end.")]
    public static partial void CallerLeft(this ILogger logger);

    [LoggerMessage(4, LogLevel.Error, "A request failed with {Fault} at {Place}")]
    public static partial void Failed(this ILogger logger, string fault, string? place);
}
