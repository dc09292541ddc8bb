using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>One conversation through template, tokenizer, response mask and shift, as the transforms do it column by column. Thread-safe.</summary>
internal sealed class ConversationPreparation
{
    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly ConversationText _text;
    private readonly int _maxLength;
    private readonly ResponseSpanRule _rule;

    /// <summary>The preparation for a model.</summary>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="template">Its template.</param>
    /// <param name="maxLength">The most tokens that a conversation keeps.</param>
    /// <param name="controlTokens">What becomes of control tokens that contents spell.</param>
    /// <param name="isSaved">Whether the model comes from a file: it must load where it did, also where the template does not show its answers for
    /// certain.</param>
    /// <exception cref="ArgumentException">The template does not show where answers are.</exception>
    public ConversationPreparation(HuggingFaceTokenizer tokenizer, ChatTemplate template, int maxLength, ControlTokenPolicy controlTokens, bool isSaved)
    {
        (_tokenizer, _maxLength) = (tokenizer, maxLength);
        _text = new ConversationText(template.WithTokens(tokenizer), controlTokens);
        TurnMarkerFinder finder = new(tokenizer, (messages, addGenerationPrompt, tools) =>
            SafeRendering.Of(template, messages, new ChatTemplateOptions { AddGenerationPrompt = addGenerationPrompt, ToolsJson = tools }),
            () => SafeRendering.RefusalOf(template, new ChatTemplateOptions()));
        _rule = new ResponseSpanRule(tokenizer, isSaved ? finder.FindUnproven() : finder.Find());
    }

    /// <summary>The response of a JSON message list.</summary>
    public Response Of(string conversation)
    {
        ConversationMessages messages = ConversationMessages.Read(conversation);
        string text = _text.Render(messages.MessagesJson, new ChatTemplateOptions { ToolsJson = messages.ToolsJson });
        int[] ids = Truncation.Cut(_tokenizer.EncodeRendered(text), _maxLength, TruncationPolicy.KeepStart).ToArray();
        float[] mask = new float[ids.Length];
        _rule.Mask(ids, mask);
        return new Response(
            NextTokenShift.InputIds(ids).ToArray(), NextTokenShift.Labels(ids).ToArray(), [.. NextTokenShift.LossMask(mask).ToArray().Select(m => (byte)m)]);
    }
}
