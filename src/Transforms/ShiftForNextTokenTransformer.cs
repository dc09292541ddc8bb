using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Transforms;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Transforms.Rows;

[assembly: LoadableClass(typeof(ShiftForNextTokenTransformer), null, typeof(SignatureLoadModel), "Shift for next token",
    ShiftForNextTokenTransformer.LoaderName)]

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>Makes a model's inputs, labels and loss mask of token and mask columns; see <see cref="NextTokenShift"/>.</summary>
internal sealed class ShiftForNextTokenTransformer : RowToRowTransformer
{
    /// <summary>The name that a saved model knows this class by.</summary>
    public const string LoaderName = "MiniMindShift";

    private const string SettingsEntry = "settings.json";
    private const int Tokens = 0, Mask = 1;
    private const int InputIds = 0, Labels = 1, LossMask = 2;

    private static readonly ModelFormat s_format = new("MM SHIFT", LoaderName);
    private static readonly VectorDataViewType s_integers = new(NumberDataViewType.Int32);
    private static readonly VectorDataViewType s_singles = new(NumberDataViewType.Single);

    private readonly ShiftForNextTokenColumns _columns;

    public ShiftForNextTokenTransformer(ShiftForNextTokenColumns columns)
        : base(
            [InputColumn.Vector(columns.Tokens, NumberDataViewType.Int32), InputColumn.Vector(columns.Mask, NumberDataViewType.Single)],
            [
                new OutputColumn(columns.InputIds, s_integers, Tokens),
                new OutputColumn(columns.Labels, s_integers, Tokens),
                new OutputColumn(columns.LossMask, s_singles, Tokens, Mask) { MaskRuleSource = Mask },
            ])
    {
        _columns = columns;
    }

    /// <inheritdoc/>
    public override Delegate?[] CreateGetters(InputRow row, IReadOnlyList<bool> isActive)
    {
        Func<ReadOnlyMemory<int>> tokens = isActive.Contains(true) ? row.Once(row.Vector<int>(Tokens)) : () => default;
        return
        [
            isActive[InputIds] ? OutputGetter.Vector(() => NextTokenShift.InputIds(tokens())) : null,
            isActive[Labels] ? OutputGetter.Vector(() => NextTokenShift.Labels(tokens())) : null,
            isActive[LossMask] ? LossMaskGetter(row, tokens) : null,
        ];
    }

    /// <inheritdoc/>
    public override void Save(ModelSaveContext ctx) => new ModelEntryWriter(ctx, s_format).WriteJson(SettingsEntry, _columns);

    private static ShiftForNextTokenTransformer Create(IHostEnvironment env, ModelLoadContext ctx) =>
        new ModelEntryReader(ctx, s_format).ReadJson(SettingsEntry, (ShiftForNextTokenColumns columns) => new ShiftForNextTokenTransformer(columns));

    private ValueGetter<VBuffer<float>> LossMaskGetter(InputRow row, Func<ReadOnlyMemory<int>> tokens)
    {
        Func<ReadOnlyMemory<float>> mask = row.Vector<float>(Mask);
        return OutputGetter.Vector(() =>
        {
            ReadOnlyMemory<float> current = mask();
            if (current.Length != tokens().Length)
            {
                throw new InvalidOperationException(
                    $"Row {row.Position}: '{_columns.Mask}' has {current.Length} items, but '{_columns.Tokens}' has {tokens().Length}; a mask has one item " +
                        "per token.");
            }
            return NextTokenShift.LossMask(current);
        });
    }
}
