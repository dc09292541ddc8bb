using System.Buffers.Binary;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Bench.ModelLoading;

/// <summary>A checkpoint of random bfloat16 weights in SmolLM2's shape, written block by block.</summary>
/// <param name="layers">Decoder layers; 24 make 1.7 billion weights.</param>
internal sealed class RandomCheckpoint(int layers)
{
    private const int Hidden = 2048, Intermediate = 8192, Vocabulary = 49_152, BlockNumbers = 1 << 20;
    private const ushort One = 0x3F80; // in bfloat16

    /// <summary>Writes <c>config.json</c>, <c>model.safetensors</c> and a tokenizer's files; gives the length of the weights' file.</summary>
    public long Write(string folder, string tokenizerFolder)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new
        {
            architectures = new[] { "LlamaForCausalLM" }, model_type = "llama", vocab_size = Vocabulary, hidden_size = Hidden, intermediate_size = Intermediate,
            num_hidden_layers = layers,
            num_attention_heads = 32, num_key_value_heads = 32, max_position_embeddings = 8192, rms_norm_eps = 1e-5, rope_theta = 130_000,
            tie_word_embeddings = true, bos_token_id = 1, eos_token_id = 2,
            torch_dtype = "bfloat16",
        }));
        foreach (string name in (string[])["tokenizer.json", "tokenizer_config.json"])
            File.Copy(Path.Combine(tokenizerFolder, name), Path.Combine(folder, name));

        (string Name, long[] Shape)[] tensors = [.. Tensors()];
        Dictionary<string, object> header = [];
        long offset = 0;
        foreach ((string name, long[] shape) in tensors)
        {
            long end = offset + (2 * Count(shape));
            header.Add(name, new { dtype = "BF16", shape, data_offsets = new[] { offset, end } });
            offset = end;
        }
        using FileStream file = File.Create(Path.Combine(folder, "model.safetensors"));
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        file.Write(length);
        file.Write(json);
        byte[] random = Numbers(new Random(1)), ones = new byte[2 * Hidden];
        for (int i = 0; i < ones.Length; i += 2)
            BinaryPrimitives.WriteUInt16LittleEndian(ones.AsSpan(i), One);
        foreach ((_, long[] shape) in tensors)
        {
            byte[] block = shape.Length == 1 ? ones : random;
            for (long left = 2 * Count(shape); left > 0; left -= block.Length)
                file.Write(block, 0, (int)Math.Min(block.Length, left));
        }
        file.Flush(flushToDisk: true);
        return file.Length;
    }

    private IEnumerable<(string Name, long[] Shape)> Tensors()
    {
        yield return ("model.embed_tokens.weight", [Vocabulary, Hidden]);
        for (int layer = 0; layer < layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            foreach (string name in (string[])["q_proj", "k_proj", "v_proj", "o_proj"])
                yield return ($"{prefix}self_attn.{name}.weight", [Hidden, Hidden]);
            foreach (string name in (string[])["gate_proj", "up_proj"])
                yield return ($"{prefix}mlp.{name}.weight", [Intermediate, Hidden]);
            yield return ($"{prefix}mlp.down_proj.weight", [Hidden, Intermediate]);
            foreach (string name in (string[])["input_layernorm", "post_attention_layernorm"])
                yield return ($"{prefix}{name}.weight", [Hidden]);
        }
        yield return ("model.norm.weight", [Hidden]);
    }

    private static long Count(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Numbers about as large as a trained model's, in bfloat16.</summary>
    private static byte[] Numbers(Random random)
    {
        byte[] bytes = new byte[2 * BlockNumbers];
        for (int i = 0; i < bytes.Length; i += 2)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i), (ushort)(BitConverter.SingleToUInt32Bits((random.NextSingle() - 0.5f) * 0.08f) >> 16));
        return bytes;
    }
}
