namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>What decides which tokens are a response, besides the tokenizer, as it is saved.</summary>
internal sealed record MaskResponsesSettings(ColumnPair[] Columns, TemplateSettings Template, ResponseMaskRule Rule);
