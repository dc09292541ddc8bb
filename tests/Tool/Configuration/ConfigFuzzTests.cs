using MiniMind.MLNet.Dpo.Tool.Configuration;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Configuration;

public sealed class ConfigFuzzTests
{
    private const string Whole = """
        # run
        model: "bak\u0065ry"
        data: [train.jsonl, 'b c']
        learning-rate: 1e-4
        loss: {name: mix, parts: [{weight: 0.8, loss: sigmoid}, {weight: 0.2, loss: ipo}]}
        adapter:
          rank: 8
          targets: [q_proj]
        preparation:
          max-length: 256
          template-options: {variables: {a: [1, {b: null}], c: |
              text
              }}
        """;

    [Fact]
    public void Read_ChangedText_IsReadOrRefused()
    {
        Random random = new(7);
        ConfigShape shape = OptionKeysTests.ShapeOf("TrainCommand");
        string signs = "{}[]:,-?&*!|>'\"%@`# \n\t\0\u001b\ufeff~.\\0e";
        int refused = 0;
        for (int i = 0; i < 1500; i++)
        {
            List<char> text = [.. Whole];
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                int place = random.Next(text.Count);
                if (random.Next(3) > 0)
                    text.Insert(place, signs[random.Next(signs.Length)]);
                else
                    text.RemoveRange(place, Math.Min(random.Next(1, 20), text.Count - place));
            }
            try
            {
                shape.Read(YamlConfigReader.Read(string.Concat(text), "run.yaml"));
            }
            catch (ConfigException)
            {
                refused++;
            }
        }

        refused.Should().BeInRange(500, 1499, "most changes are faults, and not all of them");
    }
}
