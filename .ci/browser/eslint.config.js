// What the pages carry uses nothing newer than Chromium 109 (January 2023):
// style of 2022's baseline, and a script of ES2017 without newer interfaces.
//
//   eslint --config eslint.config.js --stdin --stdin-filename style.css
import css from "@eslint/css";
import compat from "eslint-plugin-compat";

export default [
  { files: ["**/*.css"], plugins: { css }, language: "css/css", rules: { "css/use-baseline": ["error", { available: 2022, allowProperties: ["text-size-adjust", "accent-color", "outline", "user-select"] }] } },
  {
    ...compat.configs["flat/recommended"],
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2017, sourceType: "script" },
    settings: { browsers: ["chrome 109"], lintAllEsApis: true },
  },
  // Others' scripts as they are: by what Chromium 109 understands (ES2022).
  { files: ["**/*.min.js"], languageOptions: { ecmaVersion: 2022, sourceType: "script" } },
];
